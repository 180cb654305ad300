import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A judgement with its reason; `undefined` where nothing speaks against it. */
export type Refusal = string | undefined;

/**
 * Why nothing may be fetched from an address, or `undefined`. Only addresses of the public internet are allowed: what is
 * loopback, private, link-local, shared, reserved or a cloud's metadata service is refused, also where it is written
 * inside an IPv6 address. Source of the ranges: the IANA special-purpose address registries, by way of ipaddr.js.
 */
export function refuseAddress(text: string): Refusal {
  if (isIP(text.replace(/%.*$/su, '')) === 0) return `${text} is no address`;
  const address = ipaddr.parse(text.replace(/%.*$/su, ''));
  const inner = address instanceof ipaddr.IPv6 ? embedded(address) : undefined;
  if (inner !== undefined) {
    const why = refuseAddress(inner);
    return why && `${text} holds ${why}`;
  }
  const range = address.range();
  return range === 'unicast' ? undefined : `${text} is not on the public internet (${range})`;
}

/** The IPv4 address inside an IPv6 one that leads to it: mapped, compatible, NAT64 (RFC 6052), 6to4 (RFC 3056). */
function embedded(address: ipaddr.IPv6): string | undefined {
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString();
  const { parts } = address;
  const at = (index: number): string => {
    const [high = 0, low = 0] = parts.slice(index);
    return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  };
  if (address.match(ipaddr.IPv6.parseCIDR('64:ff9b::/96'))) return at(6);
  if (address.match(ipaddr.IPv6.parseCIDR('2002::/16'))) return at(1);
  const isCompatible = parts.slice(0, 6).every((part) => part === 0) && (parts[6] ?? 0) > 0;
  return isCompatible ? at(6) : undefined;
}

/** Names that lead into a machine or its network by themselves, whatever their address says. */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|home\.arpa|localdomain)$/u;
const MAX_URL_CHARACTERS = 2_048;

/**
 * Reads a URL that a model gave: the URL, or why nothing is fetched from it. The host's own address is judged when it is
 * resolved; an address that is written as the host is judged here. The URL parser has made decimal, octal and hex
 * addresses plain before they are looked at.
 */
export function judgeUrl(text: string): { url: URL } | { refused: string } {
  if (text.length > MAX_URL_CHARACTERS) return { refused: `a URL has at most ${MAX_URL_CHARACTERS} characters` };
  const url = URL.parse ? URL.parse(text) : parsed(text);
  if (!url) return { refused: `${text} is no URL` };
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { refused: `only http and https are fetched, not ${url.protocol.slice(0, -1)}` };
  if (url.username !== '' || url.password !== '')
    return { refused: 'a URL with a name or password in it is not fetched' };
  const host = url.hostname.replace(/^\[|\]$/gu, '').replace(/\.$/u, '');
  const why = refuseHost(host);
  return why === undefined ? { url } : { refused: why };
}

function refuseHost(host: string): Refusal {
  if (host === '') return 'the URL names no host';
  if (isIP(host) !== 0) return refuseAddress(host);
  if (LOCAL_NAME.test(host)) return `${host} is a name of this machine or its network`;
  return host.includes('.') ? undefined : `${host} is a name of this network: give the whole name`;
}

/** `URL.parse` came with Node 22. */
function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined; // The caller says so.
  }
}
