import type { Command } from './command.ts';
import { ADD_COMMAND } from './commands/add.ts';
import { ADVANCE_COMMAND } from './commands/advance.ts';
import { ALERT_COMMAND } from './commands/alert.ts';
import { BUILD_COMMAND } from './commands/build.ts';
import { CHECK_COMMAND } from './commands/check.ts';
import { COMMENT_COMMAND } from './commands/comment.ts';
import { COMPACT_COMMAND } from './commands/compact.ts';
import { completionCommand } from './commands/completion.ts';
import { DATA_COMMAND } from './commands/data.ts';
import { DIGEST_COMMAND } from './commands/digest.ts';
import { DOCTOR_COMMAND } from './commands/doctor.ts';
import { EXPLAIN_COMMAND } from './commands/explain.ts';
import { EXPORT_COMMAND } from './commands/export.ts';
import { INGEST_COMMAND } from './commands/ingest.ts';
import { INIT_COMMAND } from './commands/init.ts';
import { PLAN_COMMAND } from './commands/plan.ts';
import { PROBE_COMMAND } from './commands/probe.ts';
import { PUBLISH_COMMAND } from './commands/publish.ts';
import { RECEIVE_COMMAND } from './commands/receive.ts';
import { RELEASE_COMMAND } from './commands/release.ts';
import { REVIEW_COMMAND } from './commands/review.ts';
import { SERVE_COMMAND } from './commands/serve.ts';
import { START_COMMAND } from './commands/start.ts';
import { STATUS_COMMAND } from './commands/status.ts';
import { UPGRADE_COMMAND } from './commands/upgrade.ts';
import { VERIFY_COMMAND } from './commands/verify.ts';

/**
 * Every command, in the order the help shows. Each `run` only loads its task, calls it and words the result: a task is loaded
 * when it is needed, so that `--help` does not wait for a database.
 */
export const COMMANDS: readonly Command[] = [
  START_COMMAND,
  INIT_COMMAND,
  ADD_COMMAND,
  CHECK_COMMAND,
  PLAN_COMMAND,
  COMMENT_COMMAND,
  ADVANCE_COMMAND,
  PUBLISH_COMMAND,
  EXPORT_COMMAND,
  INGEST_COMMAND,
  RECEIVE_COMMAND,
  COMPACT_COMMAND,
  PROBE_COMMAND,
  REVIEW_COMMAND,
  ALERT_COMMAND,
  BUILD_COMMAND,
  SERVE_COMMAND,
  DIGEST_COMMAND,
  RELEASE_COMMAND,
  VERIFY_COMMAND,
  DATA_COMMAND,
  UPGRADE_COMMAND,
  STATUS_COMMAND,
  DOCTOR_COMMAND,
  EXPLAIN_COMMAND,
  completionCommand(() => COMMANDS),
];
