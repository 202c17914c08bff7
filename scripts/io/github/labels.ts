import type { GitHub } from './connect.ts';
import { isCode } from './failures.ts';

export interface Label {
  readonly name: string;
  /** Six hex digits without `#`. */
  readonly color: string;
  /** At most 100 characters. */
  readonly description: string;
}

/** The names, as they are written in the repository; GitHub compares them without regard to case. */
export async function listLabels({ octokit, repository }: GitHub): Promise<readonly string[]> {
  const labels = await octokit.paginate(octokit.rest.issues.listLabelsForRepo, { ...repository, per_page: 100 });
  return labels.map(({ name }) => name);
}

/** It is fine when somebody was quicker. */
export async function createLabel({ octokit, repository }: GitHub, label: Label): Promise<void> {
  try {
    await octokit.rest.issues.createLabel({ ...repository, ...label });
  } catch (error) {
    if (!isCode(error, 'github-invalid')) throw error;
    const there = (await listLabels({ octokit, repository } as GitHub)).some(
      (name) => name.toLowerCase() === label.name.toLowerCase(),
    );
    if (!there) throw error;
  }
}

/** Whether a person may be assigned: GitHub drops others without a word. */
export async function canBeAssigned({ octokit, repository }: GitHub, login: string): Promise<boolean> {
  try {
    await octokit.rest.issues.checkUserCanBeAssigned({ ...repository, assignee: login });
    return true;
  } catch (error) {
    if (isCode(error, 'github-not-found')) return false;
    throw error;
  }
}
