import { createServer } from 'node:http';

/** Serves bytes by path on loopback, and counts who asked for what. */
export async function startHttpFolder(files: Readonly<Record<string, Uint8Array>>) {
  const asked: string[] = [];
  const held = { ...files };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const body = held[path];
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/octet-stream' });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    put: (path: string, bytes: Uint8Array) => {
      held[path] = bytes;
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
