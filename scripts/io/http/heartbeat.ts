const DEADLINE_MS = 10_000;

/**
 * Tells a watcher outside that a run succeeded: one GET, no redirect, nothing of the answer is read. Returns why it did
 * not work, or null. The address is a secret, so no message holds it.
 */
export async function sendHeartbeat(url: string): Promise<string | null> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    return 'POSTERN_HEARTBEAT_URL is no http(s) address';
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(DEADLINE_MS) });
    await answer.body?.cancel();
    return answer.status < 400 ? null : `the heartbeat address answers ${answer.status}`;
  } catch (error) {
    const { name, cause } = error as { readonly name?: string; readonly cause?: { readonly code?: string } };
    return `the heartbeat address does not answer (${cause?.code ?? name ?? 'no reason given'})`;
  }
}
