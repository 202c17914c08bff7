import { connect, type Socket } from 'node:net';
import { ipScope } from '../../standards/ip-scope.ts';

/**
 * Why there is no connection. `private-address`: none was tried, because the address is nobody's on the internet.
 * `no-route`: this machine has no way to such addresses, which says nothing about the host; `unreachable`: the way ends;
 * `reset`: it stood, and was broken before anything was said.
 */
export interface DialFailure {
  readonly status: 'private-address' | 'refused' | 'timeout' | 'unreachable' | 'no-route' | 'reset';
  /** A phrase: `127.0.0.1 is a loopback address`. */
  readonly detail: string;
}

/** Opens a TCP connection to a bare address within a time. Through a proxy it does the same. */
export type Dial = (address: string, port: number, timeoutMs: number) => Promise<Socket | DialFailure>;

const STATUS: Readonly<Record<string, DialFailure['status']>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  ETIMEDOUT: 'timeout',
  ENETUNREACH: 'no-route',
  EADDRNOTAVAIL: 'no-route',
  EAFNOSUPPORT: 'no-route',
  EACCES: 'no-route',
  EPERM: 'no-route',
};

export interface DialOptions {
  /** `network.allow_private`: laboratories only. */
  readonly allow_private: boolean;
}

/**
 * Names come from files and from the DNS of strangers, so an address is judged before every connection, and the address
 * that was judged is the one that is connected to: a name that resolves differently a moment later changes nothing.
 */
export function createDial(options: DialOptions): Dial {
  return (address, port, timeoutMs) => {
    const refusal = addressRefusal(address, options.allow_private);
    return refusal === null ? openTcp(address, port, timeoutMs) : Promise.resolve(refusal);
  };
}

/** Null for an address of the public internet; laboratories may use every one. */
export function addressRefusal(address: string, allowPrivate: boolean): DialFailure | null {
  const scope = ipScope(address);
  if (scope === null) return { status: 'private-address', detail: `${JSON.stringify(address)} is not an address` };
  if (scope === 'public' || allowPrivate) return null;
  return { status: 'private-address', detail: `${address} is a ${scope} address` };
}

function openTcp(address: string, port: number, timeoutMs: number): Promise<Socket | DialFailure> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const timer = setTimeout(() => {
      socket.destroy();
      resolve({ status: 'timeout', detail: `no connection to port ${port} in time` });
    }, timeoutMs);
    const failed = (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve({
        status: STATUS[error.code ?? ''] ?? 'unreachable',
        detail: `port ${port}: ${error.code ?? error.message}`,
      });
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      resolve(socket);
    });
  });
}
