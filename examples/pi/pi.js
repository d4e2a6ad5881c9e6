// Digits of pi, as many as the first argument says, by Gibbons' spigot; each line is written when it is known.
const count = Number(args[0])
let q = 1n, r = 0n, t = 1n, k = 1n, m = 3n, x = 3n
let line = ''
for (let known = 0; known < count;) {
  if (4n * q + r - t < m * t) {
    line += m
    known++
    if (known % 50 === 0 || known === count) {
      print(line + '\n')
      line = ''
    }
    ;[q, r, m] = [10n * q, 10n * (r - m * t), 10n * (3n * q + r) / t - 10n * m]
  } else {
    ;[q, r, t, k, m, x] = [
      q * k, (2n * q + r) * x, t * x, k + 1n, (q * (7n * k + 2n) + r * x) / (t * x), x + 2n
    ]
  }
}
