import type { Call } from './description.ts';
import type { Operation } from './operations.ts';
import type { FakeRepository, Identity, World } from './world.ts';

export interface Context {
  readonly world: World;
  readonly call: Call;
  readonly identity: Identity;
  /** Under what login the caller writes. */
  readonly actor: string;
  /** Of the address, where it names one. */
  readonly repository: FakeRepository;
  readonly body: Readonly<Record<string, unknown>>;
  /** Where this server is reached, for links. */
  readonly base: string;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** A list of which one page is answered. */
  readonly list?: readonly unknown[];
}

export type Routes = Partial<Readonly<Record<Operation, (context: Context) => Answer>>>;

/** What GitHub says when it says no. */
export class Refused extends Error {
  readonly status: number;
  readonly errors: readonly unknown[];

  constructor(status: number, message: string, errors: readonly unknown[] = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

export function notFound(): Refused {
  return new Refused(404, 'Not Found');
}

export function userOf({ world }: Context, login: string): unknown {
  const account = world.accounts.get(login);
  const type = account?.type ?? (login.endsWith('[bot]') ? 'Bot' : 'User');
  return { login, id: account?.id ?? 1, type, site_admin: false };
}
