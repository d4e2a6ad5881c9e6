import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isInstalled } from '../programs.ts'
import type { Stage } from '../stage.ts'
import { freePort, untilAnswered } from './free-port.ts'

/** Has nsd answer for the names below `local.welkin`; gives its port, or undefined where it is not installed. */
export async function startNsd (stage: Stage, names: readonly string[]): Promise<number | undefined> {
  if (!await isInstalled('nsd')) return undefined
  const folder = stage.folder()
  const port = await freePort()
  const lines = [
    '$ORIGIN local.welkin.', '$TTL 5', '@ SOA n1.node.local.welkin. hostmaster.local.welkin. 1 3600 600 86400 1',
    '@ NS n1.node', 'n1.node A 127.0.0.1', ...names.map(name => `${name} A 127.0.0.1`)
  ]
  await writeFile(join(folder, 'zone'), `${lines.join('\n')}\n`)
  await writeFile(join(folder, 'nsd.conf'), `server:
  ip-address: 127.0.0.1@${port}
  username: ""
  zonesdir: "${folder}"
  database: ""
  pidfile: "${join(folder, 'pid')}"
  xfrdfile: "${join(folder, 'xfrd')}"
  zonelistfile: "${join(folder, 'list')}"
  rrl-ratelimit: 0
  logfile: "${join(folder, 'log')}"
remote-control:
  control-enable: no
zone:
  name: local.welkin
  zonefile: zone
`)
  stage.program('nsd', ['-d', '-c', join(folder, 'nsd.conf')])
  await untilAnswered(port)
  return port
}
