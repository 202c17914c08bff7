import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on loopback that cuts a connection after so many bytes from the server. */
export interface CuttingProxy {
  readonly port: number;
  /** Bytes from the server after which connections from now on are cut; null = never. */
  cutAfter: number | null;
  readonly close: () => void;
}

export async function startCuttingProxy(target: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    const limit = proxy.cutAfter ?? Number.POSITIVE_INFINITY;
    let passed = 0;
    upstream.on('data', (chunk) => {
      const rest = limit - passed;
      passed += chunk.length;
      if (chunk.length <= rest) {
        client.write(chunk);
        return;
      }
      client.write(chunk.subarray(0, rest), () => client.destroy());
      upstream.destroy();
    });
    client.on('data', (chunk) => upstream.write(chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: CuttingProxy = {
    port: (server.address() as AddressInfo).port,
    cutAfter: null,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  return proxy;
}
