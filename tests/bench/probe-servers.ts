import { startFaultServer } from '../fakes/smtp/fault-server.ts';
import { mailIdentities } from '../fakes/smtp/faults.ts';

/** The other side of the bench in a process of its own: a sound mail server and a silent one, on every loopback address. */
const id = mailIdentities(Date.now(), 'mx1.lab.test', 'http://127.0.0.1:9');
const sound = await startFaultServer({ chain: [id.orphan, id.inter] }, { host: '0.0.0.0' });
const silent = await startFaultServer({ greeting: null }, { host: '0.0.0.0' });
process.send?.({ sound: sound.port, silent: silent.port, root: id.root.pem });
process.on('disconnect', () => process.exit(0));
