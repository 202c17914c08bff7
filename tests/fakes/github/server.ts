import { createVerify } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { APP_ROUTES } from './app-routes.ts';
import { type Call, completed, findOperation, requestFaults, responseFaults } from './description.ts';
import { GIT_ROUTES } from './git-routes.ts';
import { issueRoutes, type StaleLists } from './issue-routes.ts';
import type { Operation } from './operations.ts';
import { PAGES_ROUTES } from './pages-routes.ts';
import { checkPermission } from './permissions.ts';
import { PULL_ROUTES } from './pull-routes.ts';
import { RELEASE_ROUTES } from './release-routes.ts';
import { REPOSITORY_ROUTES } from './repository-routes.ts';
import { type Answer, notFound, Refused, type Routes } from './route.ts';
import { emptyWorld, type Identity, type World } from './world.ts';

/** What goes wrong with a request. `cut`: the connection ends without an answer, before or after the change was made. */
export type Fault =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly message?: string;
      readonly applied?: boolean;
    }
  | { readonly kind: 'cut'; readonly applied: boolean }
  /** The answer stops in its middle. */
  | { readonly kind: 'half' };

interface SeenRequest {
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** As answered; 0 when the connection was cut. */
  readonly status: number;
  /** Whether it took effect, whatever was answered. */
  readonly applied: boolean;
}

export interface FakeGitHub {
  /** For `GITHUB_API_URL`. */
  readonly url: string;
  readonly world: World;
  readonly requests: readonly SeenRequest[];
  /** Requests that were no reads, and no asking for a token. */
  readonly writes: () => readonly SeenRequest[];
  /** The next `times` requests that match fare so. */
  readonly fail: (
    fault: Fault,
    on?: Operation | ((request: Pick<SeenRequest, 'operation' | 'path' | 'body'>) => boolean),
    times?: number,
  ) => void;
  /** From now on lists of issues show what is there now; null: they are fresh again. */
  readonly freezeLists: (frozen: boolean) => void;
  /** Called for every request before it is handled; a test may kill the caller here. */
  onRequest: ((request: Pick<SeenRequest, 'operation' | 'path' | 'body'>) => void) | null;
  /** Ends the server. Throws when a request or an answer was not as GitHub describes it. */
  readonly close: () => Promise<void>;
}

export interface FakeOptions {
  readonly now?: string;
  readonly app?: World['app'];
}

/** A GitHub of one test: it remembers, checks every request and answer against GitHub's description, and fails on demand. */
export async function startFakeGitHub({
  now = '2026-11-21T06:00:00Z',
  app = null,
}: FakeOptions = {}): Promise<FakeGitHub> {
  const world = emptyWorld(now, app);
  const requests: SeenRequest[] = [];
  const mismatches: string[] = [];
  const faults: {
    fault: Fault;
    on: (request: Pick<SeenRequest, 'operation' | 'path' | 'body'>) => boolean;
    left: number;
  }[] = [];
  let stale: StaleLists | null = null;
  const routes: Routes = {
    ...issueRoutes(() => stale),
    ...PULL_ROUTES,
    ...GIT_ROUTES,
    ...REPOSITORY_ROUTES,
    ...RELEASE_ROUTES,
    ...PAGES_ROUTES,
    ...APP_ROUTES,
  };

  const answer = (call: Call, request: IncomingMessage): Answer => {
    try {
      const identity = identityOf(world, request.headers.authorization);
      checkPermission(identity, call);
      const { owner, repo } = call.path;
      const repository = world.repositories.get(`${owner}/${repo}`);
      if (repo !== undefined && repository === undefined && !call.operation.endsWith('/installation')) throw notFound();
      const handle = routes[call.operation];
      if (handle === undefined) throw new Error(`no route for ${call.operation}`);
      const body = (call.body ?? {}) as Record<string, unknown>;
      return handle({
        world,
        call,
        identity,
        actor: actorOf(world, identity),
        repository: repository as never,
        body,
        base: fake.url,
      });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const errors = error.errors.length === 0 ? {} : { errors: error.errors };
      return {
        status: error.status,
        body: { message: error.message, documentation_url: 'https://docs.github.com/rest', ...errors },
      };
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', fake.url);
    const bytes = await bodyOf(request);
    const found = findOperation(request.method ?? 'GET', url.pathname);
    if (found === null) {
      mismatches.push(`${request.method} ${url.pathname} is no operation that Postern may call`);
      return send(response, 404, { message: 'Not Found' });
    }
    const call: Call = { ...found, query: url.searchParams, body: contentOf(bytes, request) };
    fake.onRequest?.(call);
    const wrong = requestFaults(call).map((fault) => `${call.operation}: ${fault}`);
    if (wrong.length > 0) {
      mismatches.push(...wrong);
      return send(response, 422, { message: wrong.join('; ') });
    }
    const planned = faults.find(({ on, left }) => left > 0 && on(call));
    if (planned !== undefined) planned.left--;
    const fault = planned?.fault;
    const applied = fault === undefined || fault.kind === 'half' || fault.applied === true;
    const answered = applied ? answer(call, request) : null;
    const status = fault?.kind === 'answer' ? fault.status : fault?.kind === 'cut' ? 0 : (answered?.status ?? 0);
    const took = answered !== null && answered.status < 300;
    requests.push({ operation: call.operation, path: call.path, body: call.body, status, applied: took });
    if (fault?.kind === 'cut') return void request.socket.destroy();
    if (fault?.kind === 'answer')
      return send(response, fault.status, { message: fault.message ?? 'fault of the test' }, fault.headers);
    if (answered === null) return;
    const { body, headers } = paged(answered, url);
    const whole = completed(call.operation, answered.status, body);
    mismatches.push(...responseFaults(call.operation, answered.status, whole).map((said) => `answer: ${said}`));
    if (fault?.kind === 'half') return half(response, answered.status, whole);
    send(response, answered.status, whole, headers);
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      mismatches.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
      send(response, 500, { message: 'the fake itself failed' });
    });
  });
  // A test that fails before it closes the fake must still end.
  server.on('connection', (socket) => socket.unref());
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const fake: FakeGitHub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    world,
    requests,
    writes: () =>
      requests.filter(({ operation }) => !operation.startsWith('GET ') && !operation.endsWith('/access_tokens')),
    fail: (fault, on = () => true, times = 1) => {
      faults.push({ fault, on: typeof on === 'string' ? ({ operation }) => operation === on : on, left: times });
    },
    freezeLists: (frozen) => {
      const issues = [...world.repositories].map(
        ([name, { issues: all }]) => [name, structuredClone([...all.values()])] as const,
      );
      stale = frozen ? { issues: new Map(issues) } : null;
    },
    onRequest: null,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (mismatches.length > 0) throw new Error(`not as GitHub describes it:\n${[...new Set(mismatches)].join('\n')}`);
    },
  };
  return fake;
}

function identityOf(world: World, authorization = ''): Identity {
  const token = authorization.replace(/^(token|bearer) /i, '');
  const known = world.tokens.get(token);
  if (known !== undefined) return known;
  if (world.app !== null && isSignedBy(token, world.app)) return { kind: 'app' };
  throw new Refused(401, 'Bad credentials');
}

/** RS256, issued by the App, and within GitHub's ten minutes by the real clock. */
function isSignedBy(jwt: string, app: NonNullable<World['app']>): boolean {
  const [head = '', claims = '', signature = ''] = jwt.split('.');
  if (signature === '') return false;
  const { iss, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, number | string>;
  const now = Date.now() / 1000;
  const timely = Number(iat) <= now && Number(exp) > now && Number(exp) <= now + 600;
  const verified = createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(app.publicKey, signature, 'base64url');
  return verified && timely && String(iss) === app.id;
}

function actorOf(world: World, identity: Identity): string {
  if (identity.kind === 'person') return identity.login;
  return identity.kind === 'actions' ? 'github-actions[bot]' : `${world.app?.slug ?? 'app'}[bot]`;
}

function paged({ body, list }: Answer, url: URL): { body: unknown; headers: Record<string, string> } {
  if (list === undefined) return { body, headers: {} };
  const size = Number(url.searchParams.get('per_page') ?? 30);
  const page = Number(url.searchParams.get('page') ?? 1);
  const headers: Record<string, string> = {};
  if (page * size < list.length) {
    const next = new URL(url);
    next.searchParams.set('page', String(page + 1));
    headers['link'] = `<${next.href}>; rel="next"`;
  }
  return { body: list.slice((page - 1) * size, page * size), headers };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** JSON, but for files that are uploaded. */
function contentOf(bytes: Buffer, { headers }: IncomingMessage): unknown {
  if (!/json/.test(headers['content-type'] ?? 'json')) return bytes;
  return bytes.length === 0 ? undefined : JSON.parse(bytes.toString('utf8'));
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bodiless = status === 204 || body === undefined;
  response.writeHead(status, bodiless ? headers : { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(bodiless ? undefined : JSON.stringify(body));
}

function half(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(text.length),
  });
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}
