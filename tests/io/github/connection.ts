import { connectGitHub, type GitHub } from '#scripts/io/github/connect.ts';
import type { RealClock } from '#scripts/io/github/request-rules.ts';
import { unsharedBudget, type WriteBudget } from '#scripts/io/github/write-budget.ts';
import { type FakeGitHub, type FakeOptions, startFakeGitHub } from '../../fakes/github/server.ts';
import { addAccount, addRepository, commitFiles, type FakeRepository } from '../../fakes/github/world.ts';

/** A clock that jumps instead of sleeping, and remembers for how long. */
export interface JumpingClock extends RealClock {
  readonly slept: number[];
}

export function jumpingClock(): JumpingClock {
  let now = 1_795_000_000;
  const slept: number[] = [];
  return {
    slept,
    seconds: () => now,
    sleep: async (seconds) => {
      slept.push(seconds);
      now += seconds;
    },
  };
}

/** The fake with one repository `acme/mail`, and a person's token `secret` to it. */
export async function fakeWithRepository(options: FakeOptions = {}): Promise<{
  readonly fake: FakeGitHub;
  readonly repository: FakeRepository;
  readonly environment: Record<string, string>;
}> {
  const fake = await startFakeGitHub(options);
  addAccount(fake.world, 'robot', 'User');
  fake.world.tokens.set('secret', { kind: 'person', login: 'robot' });
  const repository = addRepository(fake.world, 'acme', 'mail');
  commitFiles(fake.world, repository, 'main', { 'README.md': 'hello\n' });
  const environment = { GITHUB_API_URL: fake.url, GITHUB_REPOSITORY: 'acme/mail', GITHUB_TOKEN: 'secret' };
  return { fake, repository, environment };
}

export function connect(
  environment: Record<string, string>,
  { clock = jumpingClock(), budget = unsharedBudget() }: { clock?: RealClock; budget?: WriteBudget } = {},
): Promise<GitHub> {
  return connectGitHub({ environment, budget, clock });
}
