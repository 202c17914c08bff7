import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface SmtpSink {
  readonly port: number;
  readonly mails: readonly { readonly from: string; readonly to: string; readonly data: string }[];
  /** The answer to RCPT by address, such as `550 5.1.1 no such user`; `cut` ends the connection. */
  readonly answers: Map<string, string>;
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

/** A submission server in the clear, for what only the client's bookkeeping is tried on; tests/lab has a real one. */
export async function startSmtpSink(): Promise<SmtpSink> {
  const mails: { from: string; to: string; data: string }[] = [];
  const answers = new Map<string, string>();
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let [from, to, data, buffer] = ['', '', '', ''];
    let inData = false;
    const say = (line: string) => socket.write(`${line}\r\n`);
    say('220 sink');
    socket.on('data', (chunk) => {
      buffer += chunk.toString('latin1');
      for (let end = buffer.indexOf('\r\n'); end >= 0; end = buffer.indexOf('\r\n')) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        if (inData) {
          if (line !== '.') data += `${line.replace(/^\./, '')}\r\n`;
          else {
            inData = false;
            mails.push({ from, to, data });
            say('250 2.0.0 queued');
          }
          continue;
        }
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === 'EHLO') say('250 sink');
        else if (verb === 'MAIL') {
          from = /<(.*?)>/.exec(line)?.[1] ?? '';
          say('250 ok');
        } else if (verb === 'RCPT') {
          to = /<(.*?)>/.exec(line)?.[1] ?? '';
          const answer = answers.get(to) ?? '250 ok';
          if (answer === 'cut') socket.destroy();
          else say(answer);
        } else if (verb === 'DATA') {
          data = '';
          inData = true;
          say('354 go on');
        } else if (verb === 'QUIT') {
          say('221 bye');
          socket.end();
        } else say('250 ok');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    answers,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
