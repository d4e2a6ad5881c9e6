import { contender, type Contender } from '../contest.ts'
import { isInstalled, runProgram } from '../programs.ts'
import type { Stage } from '../stage.ts'

export async function slurm (stage: Stage): Promise<Contender | undefined> {
  void stage
  if (!await isInstalled('srun') || !await runs()) return undefined
  return contender('slurm', () => runProgram('srun', ['/bin/true']))
}

async function runs (): Promise<boolean> {
  return await runProgram('sinfo', []).then(() => true, () => false)
}
