import { connect, createServer, type Socket } from 'node:net';

export interface FakeProxy {
  readonly port: number;
  /** Where it was asked to go: `127.0.0.1:25`. */
  readonly asked: string[];
  readonly close: () => Promise<void>;
}

interface Login {
  readonly user: string;
  readonly password: string;
}

/** SOCKS5 (RFC 1928) with a user (RFC 1929) where one is given, on loopback. */
export function startSocks(login: Login | null): Promise<FakeProxy> {
  return startProxy((socket, asked) => {
    let step: 'hello' | 'login' | 'request' | 'open' = 'hello';
    socket.on('data', (bytes) => {
      if (step === 'hello') {
        step = login === null ? 'request' : 'login';
        socket.write(Buffer.from([5, login === null ? 0 : 2]));
      } else if (step === 'login') {
        const length = bytes[1] ?? 0;
        const user = bytes.toString('latin1', 2, 2 + length);
        const password = bytes.toString('latin1', 3 + length);
        const fits = user === login?.user && password === login.password;
        step = 'request';
        socket.write(Buffer.from([1, fits ? 0 : 1]));
        if (!fits) socket.end();
      } else if (step === 'request') {
        step = 'open';
        const [address, port] = [[...bytes.subarray(4, 8)].join('.'), bytes.readUInt16BE(8)];
        asked.push(`${address}:${port}`);
        const reply = (code: number): Buffer => Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
        join(
          socket,
          address,
          port,
          () => socket.write(reply(0)),
          () => socket.end(reply(5)),
        );
      }
    });
  });
}

/** HTTP CONNECT with basic authentication where a user is given. What the target says first may come with the answer. */
export function startConnectProxy(login: Login | null): Promise<FakeProxy> {
  return startProxy((socket, asked) => {
    let head = '';
    const read = (bytes: Buffer): void => {
      head += bytes.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', read);
      const expected = login === null ? null : `Basic ${btoa(`${login.user}:${login.password}`)}`;
      const given = /proxy-authorization: (.*)\r\n/i.exec(head)?.[1] ?? null;
      if (given !== expected) {
        socket.end('HTTP/1.1 407 who are you\r\n\r\n');
        return;
      }
      const [, address = '', port = '0'] = /^CONNECT ([\d.]+):(\d+) /.exec(head) ?? [];
      asked.push(`${address}:${port}`);
      join(
        socket,
        address,
        Number(port),
        () => socket.write('HTTP/1.1 200 go\r\nX: y\r\n\r\n'),
        () => socket.end('HTTP/1.1 502 no\r\n\r\n'),
      );
    };
    socket.on('data', read);
  });
}

function join(socket: Socket, host: string, port: number, opened: () => void, refused: () => void): void {
  const target = connect({ host, port });
  target.once('error', refused);
  target.once('connect', () => {
    target.off('error', refused);
    target.on('error', () => socket.destroy());
    opened();
    socket.removeAllListeners('data');
    socket.pipe(target).pipe(socket);
  });
}

async function startProxy(serve: (socket: Socket, asked: string[]) => void): Promise<FakeProxy> {
  const asked: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    serve(socket, asked);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    asked,
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
