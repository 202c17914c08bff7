import type { Command } from './command.ts';

/**
 * Every command, in the order the help shows. One that is called is loaded alone, and its `run` only loads its task, calls it and
 * words the result: `--version` waits for no database, and no command for the others.
 */
const LOADERS: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./commands/start.ts')).START_COMMAND,
  init: async () => (await import('./commands/init.ts')).INIT_COMMAND,
  add: async () => (await import('./commands/add.ts')).ADD_COMMAND,
  check: async () => (await import('./commands/check.ts')).CHECK_COMMAND,
  plan: async () => (await import('./commands/plan.ts')).PLAN_COMMAND,
  comment: async () => (await import('./commands/comment.ts')).COMMENT_COMMAND,
  advance: async () => (await import('./commands/advance.ts')).ADVANCE_COMMAND,
  publish: async () => (await import('./commands/publish.ts')).PUBLISH_COMMAND,
  export: async () => (await import('./commands/export.ts')).EXPORT_COMMAND,
  ingest: async () => (await import('./commands/ingest.ts')).INGEST_COMMAND,
  receive: async () => (await import('./commands/receive.ts')).RECEIVE_COMMAND,
  compact: async () => (await import('./commands/compact.ts')).COMPACT_COMMAND,
  probe: async () => (await import('./commands/probe.ts')).PROBE_COMMAND,
  review: async () => (await import('./commands/review.ts')).REVIEW_COMMAND,
  alert: async () => (await import('./commands/alert.ts')).ALERT_COMMAND,
  build: async () => (await import('./commands/build.ts')).BUILD_COMMAND,
  serve: async () => (await import('./commands/serve.ts')).SERVE_COMMAND,
  digest: async () => (await import('./commands/digest.ts')).DIGEST_COMMAND,
  release: async () => (await import('./commands/release.ts')).RELEASE_COMMAND,
  verify: async () => (await import('./commands/verify.ts')).VERIFY_COMMAND,
  data: async () => (await import('./commands/data.ts')).DATA_COMMAND,
  upgrade: async () => (await import('./commands/upgrade.ts')).UPGRADE_COMMAND,
  status: async () => (await import('./commands/status.ts')).STATUS_COMMAND,
  doctor: async () => (await import('./commands/doctor.ts')).DOCTOR_COMMAND,
  explain: async () => (await import('./commands/explain.ts')).EXPLAIN_COMMAND,
  completion: async () => (await import('./commands/completion.ts')).completionCommand(loadCommands),
};

export const COMMAND_NAMES: readonly string[] = Object.keys(LOADERS);

/** Null: there is no such command. */
export async function loadCommand(name: string): Promise<Command | null> {
  return (await LOADERS[name]?.()) ?? null;
}

export function loadCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(LOADERS).map((load) => load()));
}
