/**
 * Mail providers whose zone serves many customers, and what their MX host names look like. A host stands for its shape:
 * only the number of labels matters. The table can be out of date, so what rests on it is a warning.
 */
export interface SharedProvider {
  readonly name: string;
  readonly zone: string;
  readonly hosts: readonly string[];
  /** What to write instead of a wildcard. */
  readonly write: string;
}

export const SHARED_PROVIDERS: readonly SharedProvider[] = [
  {
    name: 'Google',
    zone: 'google.com',
    hosts: ['aspmx.l.google.com', 'alt1.aspmx.l.google.com', 'alt4.aspmx.l.google.com'],
    write: 'smtp.google.com if that is the MX, else aspmx.l.google.com and "*.aspmx.l.google.com"',
  },
  {
    name: 'Microsoft 365',
    zone: 'outlook.com',
    hosts: ['example-com.mail.protection.outlook.com'],
    write: 'the host the admin centre shows, such as example-com.mail.protection.outlook.com',
  },
  {
    name: 'Microsoft 365',
    zone: 'mx.microsoft',
    hosts: ['example-com.a-v1.mx.microsoft'],
    write: 'the host the admin centre shows, such as example-com.a-v1.mx.microsoft',
  },
  {
    name: 'Proofpoint',
    zone: 'pphosted.com',
    hosts: ['mx0a-00000000.pphosted.com'],
    write: 'your own two hosts, such as mx0a-00000000.pphosted.com',
  },
  {
    name: 'Mimecast',
    zone: 'mimecast.com',
    hosts: ['eu-smtp-inbound-1.mimecast.com'],
    write: 'your region’s two hosts, such as eu-smtp-inbound-1.mimecast.com',
  },
  {
    name: 'Symantec',
    zone: 'messagelabs.com',
    hosts: ['cluster1.eu.messagelabs.com'],
    write: 'your own cluster’s hosts, such as cluster1.eu.messagelabs.com',
  },
  {
    name: 'Cisco',
    zone: 'iphmx.com',
    hosts: ['mx1.example.iphmx.com'],
    write: 'your own hosts, such as mx1.example.iphmx.com',
  },
  {
    name: 'Barracuda',
    zone: 'barracudanetworks.com',
    hosts: ['d000000a.ess.barracudanetworks.com'],
    write: 'your own two hosts, such as d000000a.ess.barracudanetworks.com',
  },
  {
    name: 'Amazon',
    zone: 'amazonaws.com',
    hosts: ['inbound-smtp.eu-west-1.amazonaws.com'],
    write: 'your region’s host, such as inbound-smtp.eu-west-1.amazonaws.com',
  },
  {
    name: 'Apple',
    zone: 'icloud.com',
    hosts: ['mx01.mail.icloud.com'],
    write: 'mx01.mail.icloud.com and mx02.mail.icloud.com',
  },
];
