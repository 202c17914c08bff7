import { type Answer, type Context, notFound, Refused, type Routes, userOf } from './route.ts';

export const APP_ROUTES: Routes = {
  'GET /rate_limit': () => {
    const limit = { limit: 5000, remaining: 5000, reset: 0, used: 0 };
    return { status: 200, body: { resources: { core: limit, search: limit }, rate: limit } };
  },
  'GET /user': (context) => {
    if (context.identity.kind !== 'person') throw new Refused(403, 'Resource not accessible by integration');
    return { status: 200, body: { ...(userOf(context, context.actor) as object), user_view_type: 'public' } };
  },
  'GET /app': (context) => {
    const app = asApp(context);
    return {
      status: 200,
      body: {
        id: Number(app.id),
        slug: app.slug,
        name: app.slug,
        permissions: {},
        events: [],
        owner: userOf(context, 'acme'),
      },
    };
  },
  'POST /app/installations/{installation_id}/access_tokens': (context) => {
    asApp(context);
    const { world, call } = context;
    const found = [...world.installations].find(([, { id }]) => String(id) === call.path['installation_id']);
    if (found === undefined) throw notFound();
    const [owner, { permissions }] = found;
    const token = `ghs_${world.nextId++}`;
    world.tokens.set(token, { kind: 'installation', owner, permissions });
    // By the real clock, as the token's own time is.
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    return { status: 201, body: { token, expires_at, permissions, repository_selection: 'all' } };
  },
  'GET /repos/{owner}/{repo}/installation': (context) => installation(context, context.call.path['owner'] ?? ''),
  'GET /orgs/{org}/installation': (context) => installation(context, context.call.path['org'] ?? ''),
  'GET /users/{username}/installation': (context) => installation(context, context.call.path['username'] ?? ''),
};

function asApp({ identity, world }: Context): NonNullable<Context['world']['app']> {
  if (identity.kind !== 'app' || world.app === null) throw new Refused(401, 'A JSON web token could not be decoded');
  return world.app;
}

function installation(context: Context, owner: string): Answer {
  const app = asApp(context);
  const found = context.world.installations.get(owner);
  if (found === undefined) throw notFound();
  return {
    status: 200,
    body: {
      id: found.id,
      app_id: Number(app.id),
      app_slug: app.slug,
      permissions: found.permissions,
      account: userOf(context, owner),
      target_type: 'Organization',
      repository_selection: 'all',
    },
  };
}
