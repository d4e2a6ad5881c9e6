/** What changes rarely about a machine. */
export interface MachineFacts {
  hostname: string
  /** As Node names it: `linux`, `darwin`, `win32`. */
  os: string
  /** As Node names it: `x64`, `arm64`. */
  arch: string
  cpuCount: number
  memoryBytes: number
}

/** What changes all the time. Unknown values are left out. */
export interface MachineLoad {
  /** Busy share of all CPUs since the previous reading, 0 to 1. */
  cpuBusyRatio?: number
  memoryFreeBytes: number
  diskFreeBytes?: number
}

/** The machine under the node. */
export interface Machine {
  facts (): Promise<MachineFacts>
  /** Rejects EIO when the machine does not tell. */
  load (): Promise<MachineLoad>
}
