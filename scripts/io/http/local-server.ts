import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How many ports after the wanted one are tried when it is taken. */
const TRIES = 20;

export interface LocalServer {
  /** `http://localhost:4321` */
  readonly origin: string;
  readonly close: () => Promise<void>;
}

/**
 * Listens on the loopback address only. Port 0 lets the system choose; any other is the first of `TRIES` in a row.
 * @throws the system's error when none of them is free
 */
export async function listenLocally(port: number, listener: RequestListener): Promise<LocalServer> {
  for (let candidate = port; ; candidate++) {
    const server = createServer(listener);
    try {
      await listening(server, candidate);
      return {
        origin: `http://localhost:${(server.address() as AddressInfo).port}`,
        close: () => closed(server),
      };
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!taken || port === 0 || candidate - port >= TRIES) throw error;
    }
  }
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);

    server.listen({ port, host: '127.0.0.1' }, resolve);
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
