import type { Call } from './description.ts';
import { Refused } from './route.ts';
import type { Identity } from './world.ts';

/** Refuses what GitHub refuses an App or a workflow's token. A person's token may do everything here. */
export function checkPermission(identity: Identity, { operation, path }: Call): void {
  if (identity.kind === 'person' || identity.kind === 'app') return;
  const [verb = '', template = ''] = operation.split(' ');
  const area = areaOf(verb, template);
  const owner = path['owner'] ?? path['org'];
  const repository = `${path['owner']}/${path['repo']}`;
  if (identity.kind === 'installation' && owner !== undefined && owner !== identity.owner)
    throw new Refused(404, 'Not Found');
  if (identity.kind === 'actions') {
    if (path['repo'] !== undefined && repository !== identity.repository) throw new Refused(404, 'Not Found');
    const beyond = operation === 'POST /repos/{owner}/{repo}/pages' || operation === 'POST /orgs/{org}/repos';
    if (beyond || area === 'administration') throw forbidden();
  }
  if (area === null) return;
  const level = identity.permissions[area] ?? (isComment(template) ? identity.permissions['pull_requests'] : undefined);
  if (level === undefined || (verb !== 'GET' && level !== 'write')) throw forbidden();
}

/** Comments of pull requests stand below issues; GitHub asks for one of the two permissions. */
function isComment(template: string): boolean {
  return template.includes('/issues/') && template.includes('/comments');
}

function areaOf(verb: string, template: string): string | null {
  if (template.includes('/pages')) return 'pages';
  if (template.includes('/issues') || template.includes('/labels') || template.includes('/assignees')) return 'issues';
  if (template.includes('/pulls')) return 'pull_requests';
  if (/\/(git|contents|releases|branches)/.test(template)) return 'contents';
  if (template.includes('/check-runs')) return 'checks';
  if (template.includes('/actions')) return 'actions';
  // A repository is read with metadata; made, changed and deleted with administration.
  if (template === '/orgs/{org}/repos') return 'administration';
  if (template !== '/repos/{owner}/{repo}') return null;
  return verb === 'GET' ? 'metadata' : 'administration';
}

function forbidden(): Refused {
  return new Refused(403, 'Resource not accessible by integration');
}
