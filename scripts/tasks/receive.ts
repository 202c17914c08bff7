import { join } from 'node:path';
import { folderBox } from '../io/receiver/folder-box.ts';
import { type NodeReceiver, startNodeReceiver } from '../io/receiver/node-receiver.ts';

/** Where submissions wait for the next ingest. */
export function receivedFolder(data: string): string {
  return join(data, 'received');
}

/** Takes TLS reports by HTTPS POST (RFC 8460 §5.4) into `<data>/received`. */
export function startReceiver(
  data: string,
  options: { readonly host: string; readonly port: number; readonly token: string | null },
): Promise<NodeReceiver> {
  return startNodeReceiver(folderBox(receivedFolder(data)), options);
}
