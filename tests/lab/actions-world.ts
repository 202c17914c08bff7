import { join } from 'node:path';
import type { FakeGitHub } from '../fakes/github/server.ts';
import { TEMPLATE } from './owner-repository.ts';
import type { RunnerWorld } from './workflow-runner.ts';

/** A repository `acme/mail` without secrets and variables, whose jobs have the token that GitHub gives them. */
export function actionsWorld(
  github: FakeGitHub,
  place: { readonly remote: string; readonly folder: string },
): RunnerWorld {
  let tokens = 0;
  return {
    ...place,
    repository: 'acme/mail',
    modules: join(TEMPLATE, 'node_modules'),
    environment: {},
    secrets: {},
    vars: {},
    issueToken: (permissions) => {
      const token = `token-${++tokens}`;
      const areas = Object.entries(permissions).map(([area, level]) => [area.replaceAll('-', '_'), level]);
      const granted = { metadata: 'read', ...Object.fromEntries(areas) };
      github.world.tokens.set(token, { kind: 'actions', repository: 'acme/mail', permissions: granted });
      return token;
    },
    onDeploy: () => {},
    onAttest: () => true,
  };
}
