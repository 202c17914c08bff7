import { createHash } from 'node:crypto';
import { type Context, notFound, Refused, type Routes, userOf } from './route.ts';
import type { FakeRelease } from './world.ts';

export const RELEASE_ROUTES: Routes = {
  'GET /repos/{owner}/{repo}/releases': (context) => ({
    status: 200,
    // Drafts are for those who may write.
    list: context.repository.releases
      .filter(({ draft }) => !draft || mayWrite(context))
      .map((release) => releaseView(context, release)),
  }),
  'POST /repos/{owner}/{repo}/releases': (context) => {
    const { repository, world, body, actor } = context;
    const tag = String(body['tag_name']);
    const draft = body['draft'] === true;
    // Several drafts of one tag may stand side by side: GitHub looks at the tag when one is published.
    if (!draft) refuseTaken(context, tag);
    const text = { name: String(body['name'] ?? tag), body: String(body['body'] ?? '') };
    const release: FakeRelease = { id: world.nextId++, tag, ...text, draft, author: actor, assets: [] };
    repository.releases.unshift(release);
    return { status: 201, body: releaseView(context, release) };
  },
  'PATCH /repos/{owner}/{repo}/releases/{release_id}': (context) => {
    const release = releaseOf(context);
    const { body } = context;
    if (release.draft && body['draft'] === false) {
      refuseTaken(context, release.tag);
      release.draft = false;
    }
    if (body['name'] !== undefined) release.name = String(body['name']);
    if (body['body'] !== undefined) release.body = String(body['body']);
    return { status: 200, body: releaseView(context, release) };
  },
  'POST /repos/{owner}/{repo}/releases/{release_id}/assets': (context) => {
    const release = releaseOf(context);
    const name = context.call.query.get('name') ?? '';
    if (!release.draft) throw new Refused(422, 'Cannot upload assets to an immutable release.');
    if (release.assets.some((asset) => asset.name === name))
      throw new Refused(422, 'Validation Failed', [
        { resource: 'ReleaseAsset', code: 'already_exists', field: 'name' },
      ]);
    const bytes = context.call.body as Buffer;
    const asset = { id: context.world.nextId++, name, bytes, state: 'uploaded' as const };
    release.assets.push(asset);
    return { status: 201, body: assetView(asset) };
  },
  'DELETE /repos/{owner}/{repo}/releases/assets/{asset_id}': ({ repository, call }) => {
    const id = Number(call.path['asset_id']);
    const release = repository.releases.find(({ assets }) => assets.some((asset) => asset.id === id));
    if (release === undefined) throw notFound();
    release.assets.splice(
      release.assets.findIndex((asset) => asset.id === id),
      1,
    );
    return { status: 204 };
  },
};

function mayWrite({ identity }: Context): boolean {
  return identity.kind === 'person' || (identity.kind !== 'app' && identity.permissions['contents'] === 'write');
}

function releaseOf({ repository, call }: Context): FakeRelease {
  const release = repository.releases.find(({ id }) => String(id) === call.path['release_id']);
  if (release === undefined) throw notFound();
  return release;
}

function refuseTaken({ repository }: Context, tag: string): void {
  if (repository.releases.some((release) => !release.draft && release.tag === tag))
    throw new Refused(422, 'Validation Failed', [{ resource: 'Release', code: 'already_exists', field: 'tag_name' }]);
}

function releaseView(context: Context, { id, tag, name, body, draft, author, assets }: FakeRelease): unknown {
  const { repository, base } = context;
  const { owner } = repository;
  return {
    id,
    tag_name: tag,
    name,
    body,
    draft,
    author: userOf(context, author),
    assets: assets.map(assetView),
    // At GitHub another host takes what is uploaded.
    upload_url: `${base}/repos/${owner}/${repository.name}/releases/${id}/assets{?name,label}`,
    html_url: `https://github.com/${owner}/${repository.name}/releases/tag/${tag}`,
  };
}

function assetView({ id, name, bytes, state }: FakeRelease['assets'][number]): unknown {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { id, name, size: bytes.length, state, digest: state === 'uploaded' ? digest : null };
}
