/** What changes rarely about a machine. Unknown values are left out. */
export interface MachineFacts {
  hostname: string
  /** As Node names it: `linux`, `darwin`, `win32`. */
  os: string
  /** The release of the operating system's kernel. */
  kernel?: string
  /** As Node names it: `x64`, `arm64`. */
  arch: string
  cpuCount: number
  /** As its maker names it. */
  cpuModel?: string
  memoryBytes: number
  /** What the disk of `MachineLoad.diskFreeBytes` holds in all. */
  diskBytes?: number
}

/**
 * What changes all the time. Unknown values are left out.
 *
 * `cpuBusyRatio`, `network` and `disk` are means since an earlier reading, one that is at least a second old wherever
 * there is one. All readers share these readings, so that no reader shortens the time over which another's means are
 * taken; the first reading is made when the Machine is.
 */
export interface MachineLoad {
  /** Busy share of all CPUs, 0 to 1. */
  cpuBusyRatio?: number
  /** Tasks that ran or waited for a CPU (on Linux also those that waited for a disk), averaged over the last minute. */
  load1m?: number
  memoryFreeBytes: number
  diskFreeBytes?: number
  pressure?: MachinePressure
  /** Over all interfaces but loopback; what passes through two of them counts at both. */
  network?: NetworkRates
  /** Over all disks as wholes. */
  disk?: DiskRates
}

/**
 * Of the last ten seconds, the share in which some task waited for what it lacked, 0 to 1 (pressure stall information,
 * https://docs.kernel.org/accounting/psi.html, `some avg10`).
 */
export interface MachinePressure { cpu?: number, memory?: number, io?: number }

export interface NetworkRates { receivedBytesPerSecond: number, sentBytesPerSecond: number }

export interface DiskRates { readBytesPerSecond: number, writtenBytesPerSecond: number }

/** The machine under the node. */
export interface Machine {
  /** Rejects EIO when the machine does not tell. */
  facts (): Promise<MachineFacts>
  /** Rejects EIO when the machine does not tell. */
  load (): Promise<MachineLoad>
}
