import {
  ChangeResourceRecordSetsCommand,
  type ChangeResourceRecordSetsCommandInput,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { PosternError } from '../../core/failure.ts';

import { type LimitWait, limitWait, type Sleep } from './limit-wait.ts';
import { fromPresentation, toPresentation } from './presentation.ts';
import {
  type DnsProvider,
  type HeldRecords,
  providerRefuses,
  providerUnavailable,
  type RecordSetKey,
  writeUnsure,
} from './provider.ts';

const KIND = 'route53';
/** Codes of the API for limits, all with status 400. */
const LIMITS: readonly string[] = ['Throttling', 'ThrottlingException', 'PriorRequestNotComplete'];

/**
 * Amazon Route 53. A change batch is all or nothing, and its DELETE must name the set exactly as it stands: that is a
 * compare-and-swap.
 */
export function route53Provider(client: Route53Client, zone: string, sleep?: Sleep): DnsProvider {
  const limit = limitWait(KIND, sleep);
  let known: Promise<string> | null = null;
  const zoneId = (): Promise<string> => {
    known ??= findZone(client, zone, limit);
    return known;
  };
  return {
    kind: KIND,
    read: async (key) => {
      const HostedZoneId = await zoneId();
      const question = {
        HostedZoneId,
        StartRecordName: `${key.name}.`,
        StartRecordType: key.type,
        MaxItems: 1,
      } as const;
      const found = await asked(limit, `${key.type} ${key.name}`, () =>
        client.send(new ListResourceRecordSetsCommand(question)),
      );
      return heldOf(
        key,
        (found.ResourceRecordSets ?? []).find((set) => isSet(set, key)),
      );
    },
    write: async (held, values, ttl) => {
      const what = `${held.type} ${held.name}`;
      const old = held.handle as ResourceRecordSet | null;
      const wanted: ResourceRecordSet = {
        Name: `${held.name}.`,
        Type: held.type,
        TTL: ttl,
        ResourceRecords: values.map((value) => ({ Value: toPresentation(held.type, value) })),
      };
      const Changes = [
        ...(old === null ? [] : [{ Action: 'DELETE' as const, ResourceRecordSet: old }]),
        ...(values.length === 0 ? [] : [{ Action: 'CREATE' as const, ResourceRecordSet: wanted }]),
      ];
      const batch: ChangeResourceRecordSetsCommandInput = { HostedZoneId: await zoneId(), ChangeBatch: { Changes } };
      try {
        await limit.within(what, () => client.send(new ChangeResourceRecordSetsCommand(batch)), limitOf);
        return 'written';
      } catch (error) {
        // Also answered when the set to delete is another one by now, or the one to create is there already.
        if (isInvalidBatch(error)) return 'conflict';
        if (error instanceof PosternError) throw error;
        throw (isAnswer(error) ? providerRefuses : writeUnsure)(KIND, what, reasonOf(error), error);
      }
    },
  };
}

/** Credentials and endpoint as every AWS tool takes them from the environment. One attempt: retries are ours. */
export function route53Client(): Route53Client {
  // The service is one for all regions; the library wants one named all the same.
  return new Route53Client({ region: 'us-east-1', maxAttempts: 1 });
}

async function findZone(client: Route53Client, zone: string, limit: LimitWait): Promise<string> {
  const question = { DNSName: `${zone}.`, MaxItems: 10 };
  const found = await asked(limit, zone, () => client.send(new ListHostedZonesByNameCommand(question)));
  const isOurs = ({
    Name,
    Config,
  }: {
    Name?: string | undefined;
    Config?: { PrivateZone?: boolean | undefined } | undefined;
  }) => Name === `${zone}.` && Config?.PrivateZone !== true;
  const id = (found.HostedZones ?? []).find(isOurs)?.Id;
  if (id === undefined)
    throw providerRefuses(KIND, zone, 'there is no such public zone, or the credentials may not see it');
  return id.replace('/hostedzone/', '');
}

function isSet(set: ResourceRecordSet, { name, type }: RecordSetKey): boolean {
  return set.Type === type && unescaped(set.Name ?? '') === `${name}.`;
}

/** Route 53 writes some characters of names as octal escapes. */
function unescaped(name: string): string {
  return name.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))).toLowerCase();
}

function heldOf({ name, type }: RecordSetKey, set: ResourceRecordSet | undefined): HeldRecords {
  const values = (set?.ResourceRecords ?? []).map(({ Value = '' }) => fromPresentation(type, Value));
  return { name, type, values, ttl: set?.TTL ?? null, handle: set ?? null };
}

async function asked<T>(limit: LimitWait, what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await limit.within(what, ask, limitOf);
  } catch (error) {
    if (error instanceof PosternError) throw error;
    throw (isAnswer(error) ? providerRefuses : providerUnavailable)(KIND, what, reasonOf(error), error);
  }
}

/** Answered in two forms; of the one without a code the library makes no error of its name. */
function isInvalidBatch(error: unknown): boolean {
  return (error as Error).name === 'InvalidChangeBatch' || (isAnswer(error) && 'Messages' in (error as object));
}

/** Certainly not done. A success that cannot be read is none: what it answers may stand there. */
function isAnswer(error: unknown): boolean {
  const status = statusOf(error);
  const refused = status !== undefined && status >= 300 && status < 500;
  return refused || (error as Error).name === 'CredentialsProviderError';
}

/** Five requests a second are allowed in an account, and one change of a zone at a time; neither answer says how long. */
function limitOf(error: unknown): number | null {
  const isLimit = statusOf(error) === 429 || LIMITS.includes((error as Error).name);
  return isLimit ? 2 : null;
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

/** What answers in between, such as a proxy, does not speak XML: then the status says more than the library's error. */
function reasonOf(error: unknown): string {
  const { name, message } = error as Error;
  if (/Deserialization error/.test(message))
    return `status ${statusOf(error) ?? 'unknown'}, with an answer that is no XML`;
  return `${name}: ${message}`.replace(/\s+/g, ' ').slice(0, 300);
}
