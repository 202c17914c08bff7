import { type Context, notFound, Refused, type Routes, userOf } from './route.ts';
import { addRepository, commitFiles, type FakeRepository } from './world.ts';

export const REPOSITORY_ROUTES: Routes = {
  'GET /repos/{owner}/{repo}': (context) => ({ status: 200, body: repositoryView(context, context.repository) }),
  'GET /repos/{owner}/{repo}/branches/{branch}': ({ repository, call }) => {
    const name = call.path['branch'] ?? '';
    const sha = repository.refs.get(`refs/heads/${name}`);
    if (sha === undefined) throw notFound();
    return { status: 200, body: { name, protected: repository.isProtected && name === repository.default_branch } };
  },
  'PATCH /repos/{owner}/{repo}': (context) => {
    const { repository, body } = context;
    for (const key of ['description', 'homepage', 'private', 'archived', 'default_branch'] as const)
      if (body[key] !== undefined) Object.assign(repository, { [key]: body[key] });
    return { status: 200, body: repositoryView(context, repository) };
  },
  'DELETE /repos/{owner}/{repo}': ({ world, repository }) => {
    world.repositories.delete(`${repository.owner}/${repository.name}`);
    return { status: 204 };
  },
  'POST /orgs/{org}/repos': (context) => {
    const org = context.call.path['org'] ?? '';
    if (context.world.accounts.get(org)?.type !== 'Organization') throw notFound();
    return { status: 201, body: repositoryView(context, made(context, org)) };
  },
  'POST /user/repos': (context) => {
    if (context.identity.kind !== 'person') throw new Refused(403, 'Resource not accessible by integration');
    return { status: 201, body: repositoryView(context, made(context, context.actor)) };
  },
  'GET /repos/{owner}/{repo}/actions/workflows': ({ repository }) => {
    const workflows = repository.workflows.map(({ name, path, state }, index) => ({
      id: index + 1,
      name,
      path,
      state,
    }));
    return { status: 200, body: { total_count: workflows.length, workflows } };
  },
  'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs': ({ repository, call }) => {
    const asked = call.path['workflow_id'] ?? '';
    const found = repository.workflows.find(
      ({ path }, index) => String(index + 1) === asked || path.endsWith(`/${asked}`),
    );
    if (found === undefined) throw notFound();
    const workflow_runs = found.runs.map((run, index) => ({ id: index + 1, status: 'completed', ...run }));
    return { status: 200, body: { total_count: workflow_runs.length, workflow_runs } };
  },
};

function made({ world, body }: Context, owner: string): FakeRepository {
  const name = String(body['name']);
  if (world.repositories.has(`${owner}/${name}`))
    throw new Refused(422, 'Repository creation failed.', [
      { resource: 'Repository', code: 'custom', field: 'name', message: 'name already exists on this account' },
    ]);
  const repository = addRepository(world, owner, name);
  repository.description = String(body['description'] ?? '');
  repository.homepage = String(body['homepage'] ?? '');
  repository.private = body['private'] === true;
  if (body['auto_init'] === true)
    commitFiles(world, repository, 'main', { 'README.md': `# ${name}\n` }, 'Initial commit');
  return repository;
}

function repositoryView(context: Context, repository: FakeRepository): unknown {
  const { id, name, owner, description, homepage, default_branch, archived } = repository;
  return {
    id,
    name,
    full_name: `${owner}/${name}`,
    owner: userOf(context, owner),
    description,
    homepage: homepage || null,
    default_branch,
    archived,
    private: repository.private,
    has_pages: repository.pages !== null,
    html_url: `https://github.com/${owner}/${name}`,
  };
}
