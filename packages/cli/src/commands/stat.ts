import type { Command } from 'commander'
import type { ObjectInfo } from '@welkin/syscalls'
import { describeExit, explainExit } from '../object/exit-status.ts'
import { formatAge, formatSeconds } from '../print/durations.ts'
import { fact, formatFacts, type Fact } from '../print/facts.ts'
import { print, printJson } from '../print/output.ts'
import { formatSize } from '../print/sizes.ts'
import { formatArgv } from '../print/words.ts'
import { actInCloud, addObjectCommand, ofObject } from './command.ts'

export function addStat (program: Command): void {
  addObjectCommand(program, 'stat', 'Say everything about one object.', 'welkin stat greet')
    .action(actInCloud<object, [string]>(async (cloud, { json }, id) => {
      const object = await ofObject(cloud, id, () => cloud.syscalls.stat({ id }))
      if (json) return await printJson(object)
      await print(formatObject(object, Date.now()))
    }))
}

function formatObject (object: ObjectInfo, nowMs: number): string {
  return formatFacts(
    [identityFacts(object, nowMs), programFacts(object), usageFacts(object), outputFacts(object)].flat())
}

function identityFacts (object: ObjectInfo, nowMs: number): Fact[] {
  const { id, name, cp, nodeName, zone, state, pid, attempt, exit, spawnedAtMs, startedAtMs, endedAtMs } = object
  const ago = (atMs: number): string => `${new Date(atMs).toISOString()} (${formatAge(nowMs - atMs)} ago)`
  return [
    ['id', id],
    ...fact('name', name),
    ['cloud process', cp],
    ['node', `${nodeName} (${zone})`],
    ['state', pid === undefined ? state : `${state}, process ${pid}`],
    ...fact('exit', exit && [describeExit(exit), explainExit(exit)].filter(Boolean).join(': ')),
    ...fact('restarts', attempt === 0 ? undefined : String(attempt)),
    ['spawned', ago(spawnedAtMs)],
    ...fact('started', startedAtMs === undefined ? undefined : ago(startedAtMs)),
    ...fact('ended', endedAtMs === undefined ? undefined : ago(endedAtMs))
  ]
}

function programFacts ({ spec, immovable }: ObjectInfo): Fact[] {
  const { program: { argv, driver, env }, files, isolation, limits, network, restart } = spec
  return [
    ['program', formatArgv(argv)],
    ['driver', driver],
    ...fact('cannot move', immovable && restart.elsewhere ? `but starts anew elsewhere: ${immovable}` : immovable),
    ...Object.entries(env).map(([name, value]): Fact => ['environment', formatArgv([`${name}=${value}`])]),
    ...files.map(({ path, blob }): Fact => ['file', `${path} (${blob.slice(0, 12)})`]),
    ...fact('cpu limit', limits.cpu?.toString()),
    ...fact('memory limit', size(limits.memoryBytes)),
    ...fact('process limit', limits.processes?.toString()),
    ...fact('open files limit', limits.files?.toString()),
    ...fact('file size limit', size(limits.fileBytes)),
    ['isolation', isolation ?? 'default'],
    ...fact('network', network),
    ['restart', restart.policy]
  ]
}

function usageFacts ({ usage: used = {} }: ObjectInfo): Fact[] {
  return [
    ...fact('cpu used', used.cpuSeconds === undefined ? undefined : `${formatSeconds(used.cpuSeconds * 1000)} s`),
    ...fact('memory', size(used.memoryBytes)),
    ...fact('memory peak', size(used.memoryBytesMax)),
    ...fact('read', size(used.readBytes)),
    ...fact('written', size(used.writtenBytes)),
    ...fact('processes', used.processes?.toString())
  ]
}

function outputFacts (object: ObjectInfo): Fact[] {
  return object.outputs.map(({ path, blob, sizeBytes = 0, error }) => [
    'output', blob === undefined ? `${path}: ${error?.message ?? 'none'}` : `${path} ${blob} (${formatSize(sizeBytes)})`
  ])
}

function size (bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : formatSize(bytes)
}
