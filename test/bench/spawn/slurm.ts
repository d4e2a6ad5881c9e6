import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { contender, type Contender } from '../contest.ts'
import { isInstalled } from '../programs.ts'
import { until, type Stage } from '../stage.ts'

const PROGRAMS = ['slurmctld', 'slurmd', 'srun', 'sinfo']

/** Slurm with a controller and one node of its own on this host: an `srun` for each task. */
export async function slurm (stage: Stage, inFlight: number): Promise<Contender | undefined> {
  const installed = await Promise.all(PROGRAMS.map(isInstalled))
  if (installed.includes(false)) return undefined
  const folder = stage.folder()
  const configuration = join(folder, 'slurm.conf')
  await mkdir(join(folder, 'state'))
  await mkdir(join(folder, 'spool'))
  await writeFile(configuration, configurationOf(folder, inFlight, await freePort(), await freePort()))
  const env = { ...process.env, SLURM_CONF: configuration }
  stage.program('slurmctld', ['-D', '-c', '-f', configuration], { env })
  stage.program('slurmd', ['-D', '-f', configuration], { env })
  await until(async () => (await stage.run('sinfo', ['-h', '-o', '%T'], env).catch(() => '')).trim() === 'idle')
  return contender('slurm', () => stage.run('srun', ['/bin/true'], env))
}

/** As few of its parts as there can be, and as many processors as tasks are in flight, whatever the machine has. */
function configurationOf (folder: string, inFlight: number, controllerPort: number, nodePort: number): string {
  const [host = 'localhost'] = hostname().split('.')
  const { username } = userInfo()
  return [
    'ClusterName=bench',
    `SlurmctldHost=${host}(127.0.0.1)`, `SlurmctldPort=${controllerPort}`, `SlurmdPort=${nodePort}`,
    `SlurmUser=${username}`, `SlurmdUser=${username}`, 'AuthType=auth/none', 'CredType=cred/none',
    'ProctrackType=proctrack/linuxproc', 'TaskPlugin=task/none', 'MpiDefault=none',
    'JobAcctGatherType=jobacct_gather/none',
    'SelectType=select/cons_tres', 'SelectTypeParameters=CR_CPU', 'SlurmdParameters=config_overrides',
    'ReturnToService=2',
    `StateSaveLocation=${folder}/state`, `SlurmdSpoolDir=${folder}/spool`,
    `SlurmctldPidFile=${folder}/slurmctld.pid`, `SlurmdPidFile=${folder}/slurmd.pid`,
    `SlurmctldLogFile=${folder}/slurmctld.log`, `SlurmdLogFile=${folder}/slurmd.log`,
    `NodeName=${host} NodeAddr=127.0.0.1 CPUs=${inFlight} State=UNKNOWN`, `PartitionName=all Nodes=${host} Default=YES`
  ].map(line => `${line}\n`).join('')
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
