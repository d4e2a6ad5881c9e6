/** Where a process stands among the others. */
export interface Kinship { parent: number, session: number }

/**
 * The leader to whom each process belongs: the one whose session it is in, else the one its parent belongs to. So a
 * process is lost from sight only when it has left its session and its parent has ended. Who belongs to no leader is
 * left out.
 */
export function ownersOf (
  processes: ReadonlyMap<number, Kinship>, isLeader: (pid: number) => boolean
): Map<number, number> {
  const owners = new Map<number, number | undefined>()
  for (const pid of processes.keys()) {
    const line: number[] = []
    let owner: number | undefined
    let at = pid
    while (owner === undefined && !owners.has(at)) {
      const process = processes.get(at)
      if (process === undefined) break
      owners.set(at, undefined) // which ends the search also where a parent seems to descend from its own child
      line.push(at)
      owner = [at, process.session].find(candidate => isLeader(candidate))
      at = process.parent
    }
    owner ??= owners.get(at)
    for (const member of line) owners.set(member, owner)
  }
  return new Map([...owners].flatMap(([pid, owner]) => owner === undefined ? [] : [[pid, owner] as const]))
}
