import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isInstalled } from '../programs.ts'
import type { Stage } from '../stage.ts'
import { freePort, untilAnswered } from './free-port.ts'

/** Has dnsmasq answer for the names below `local.welkin`; gives its port, or undefined where it is not installed. */
export async function startDnsmasq (stage: Stage, names: readonly string[]): Promise<number | undefined> {
  if (!await isInstalled('dnsmasq')) return undefined
  const folder = stage.folder()
  const hosts = join(folder, 'hosts')
  await writeFile(hosts, names.map(name => `127.0.0.1 ${name}.local.welkin\n`).join(''), { mode: 0o644 })
  const port = await freePort()
  stage.program('dnsmasq', [
    '--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', `--addn-hosts=${hosts}`,
    `--port=${port}`, '--listen-address=127.0.0.1', '--bind-interfaces', '--local-ttl=5', '--user=root',
    `--pid-file=${join(folder, 'pid')}`
  ])
  await untilAnswered(port)
  return port
}
