/** Names of ports that everybody knows, and where what goes by them usually listens (IANA's register, a few of it). */
export const WELL_KNOWN_PORTS: Readonly<Record<string, number>> = {
  echo: 7, discard: 9, daytime: 13, ftp: 21, ssh: 22, telnet: 23, smtp: 25, domain: 53, http: 80, pop3: 110, ntp: 123,
  imap: 143, ldap: 389, https: 443, submission: 587, imaps: 993, mqtt: 1883, nfs: 2049, mysql: 3306, nats: 4222,
  postgresql: 5432, amqp: 5672, redis: 6379, git: 9418, memcached: 11_211, mongodb: 27_017
}

/** What a port is called of which only the number is known: by the service that is found there, else `p` and it. */
export function portNameOf (number: number): string {
  return Object.keys(WELL_KNOWN_PORTS).find(name => WELL_KNOWN_PORTS[name] === number) ?? `p${number}`
}

/**
 * Which of somebody's ports is meant, by name: by its name or number, else by that of the service that is usually
 * there; where nothing is wanted, the only one. Undefined: none.
 */
export function portMeant (ports: Readonly<Record<string, number>>, wanted: string | undefined): string | undefined {
  const names = Object.keys(ports)
  if (wanted === undefined) return names.length === 1 ? names[0] : undefined
  if (Object.hasOwn(ports, wanted)) return wanted
  const number = /^\d{1,5}$/.test(wanted) ? Number(wanted) : WELL_KNOWN_PORTS[wanted]
  if (number === undefined || number === 0) return undefined
  const service = portNameOf(number)
  return names.find(name => ports[name] === number) ?? (Object.hasOwn(ports, service) ? service : undefined)
}

/** Whom to talk to, and by which port, if one is named. Throws nothing: the name is judged where it is resolved. */
export function splitTarget (target: string): { name: string, port: string | undefined } {
  const at = target.lastIndexOf(':')
  return at === -1 ? { name: target, port: undefined } : { name: target.slice(0, at), port: target.slice(at + 1) }
}
