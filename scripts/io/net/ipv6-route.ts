import { createSocket } from 'node:dgram';

/** Has this machine a way to IPv6 addresses of the internet? Asks the routing table only: no packet is sent. */
export function hasIpv6Route(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp6');
    const finish = (found: boolean): void => {
      socket.close();
      resolve(found);
    };
    socket.once('error', () => finish(false));
    // Connecting a UDP socket picks the route and nothing more. The address is that of a root name server.
    socket.connect(53, '2001:500:2f::f', () => finish(true));
  });
}
