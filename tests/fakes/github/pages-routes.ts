import { type Context, notFound, Refused, type Routes } from './route.ts';
import type { FakePages } from './world.ts';

export const PAGES_ROUTES: Routes = {
  'GET /repos/{owner}/{repo}/pages': (context) => ({ status: 200, body: pagesView(context, pagesOf(context)) }),
  'POST /repos/{owner}/{repo}/pages': (context) => {
    const { repository, body } = context;
    if (repository.pages !== null) throw new Refused(409, 'GitHub Pages is already enabled.');
    const { branch } = (body['source'] ?? { branch: repository.default_branch }) as { branch: string };
    const commit = repository.refs.get(`refs/heads/${branch}`);
    if (commit === undefined)
      throw new Refused(422, `The ${branch} branch must exist before GitHub Pages can be built.`);
    repository.pages = {
      cname: null,
      https_enforced: false,
      build_type: String(body['build_type'] ?? 'legacy'),
      branch,
      certificate: null,
      builds: [{ commit, status: 'built' }],
      healthAsked: false,
      health: { dns_resolves: false, is_valid: false, caa_error: null, https_error: null },
    };
    return { status: 201, body: pagesView(context, repository.pages) };
  },
  'PUT /repos/{owner}/{repo}/pages': (context) => {
    const { world, repository, body } = context;
    const pages = pagesOf(context);
    if (typeof body['cname'] === 'string') {
      const taken = [...world.repositories.values()].some(
        (other) => other !== repository && other.pages?.cname === body['cname'],
      );
      if (taken) throw new Refused(400, `The custom domain \`${body['cname']}\` is already taken.`);
      pages.cname = body['cname'];
      pages.certificate ??= 'new';
    } else if (body['cname'] === null) {
      pages.cname = null;
      pages.certificate = null;
    }
    if (body['https_enforced'] === true && pages.certificate !== 'approved')
      throw new Refused(404, 'The certificate does not exist yet');
    if (typeof body['https_enforced'] === 'boolean') pages.https_enforced = body['https_enforced'];
    return { status: 204 };
  },
  'DELETE /repos/{owner}/{repo}/pages': (context) => {
    pagesOf(context);
    context.repository.pages = null;
    return { status: 204 };
  },
  'GET /repos/{owner}/{repo}/pages/health': (context) => {
    const pages = pagesOf(context);
    if (pages.cname === null) throw new Refused(400, 'There is no custom domain.');
    if (!pages.healthAsked) {
      pages.healthAsked = true;
      return { status: 202, body: {} };
    }
    return { status: 200, body: { domain: { host: pages.cname, ...pages.health } } };
  },
  'POST /repos/{owner}/{repo}/pages/builds': (context) => {
    const { repository } = context;
    const pages = pagesOf(context);
    const commit = repository.refs.get(`refs/heads/${pages.branch}`);
    if (commit !== undefined) pages.builds.push({ commit, status: 'built' });
    return { status: 201, body: { url: `${context.base}/pages/builds/latest`, status: 'queued' } };
  },
  'GET /repos/{owner}/{repo}/pages/builds/latest': (context) => {
    const build = pagesOf(context).builds.at(-1);
    if (build === undefined) throw notFound();
    return { status: 200, body: { ...build, error: { message: null }, pusher: null } };
  },
};

function pagesOf({ repository }: Context): FakePages {
  if (repository.pages === null) throw notFound();
  return repository.pages;
}

function pagesView({ base, repository }: Context, pages: FakePages): unknown {
  const certificate =
    pages.certificate === null || pages.cname === null
      ? {}
      : { https_certificate: { state: pages.certificate, description: pages.certificate, domains: [pages.cname] } };
  return {
    url: `${base}/repos/${repository.owner}/${repository.name}/pages`,
    status: pages.builds.at(-1)?.status ?? null,
    cname: pages.cname,
    custom_404: false,
    public: true,
    https_enforced: pages.https_enforced,
    build_type: pages.build_type,
    source: { branch: pages.branch, path: '/' },
    ...certificate,
  };
}
