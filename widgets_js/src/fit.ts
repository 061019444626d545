// The line that stands for the model: weighted least squares over the first samples, in closed form.

export interface Line {
  slopes: Float64Array;
  intercept: number;
  r2: number;
}

export interface Samples {
  n: number; // pieces
  z: ArrayLike<number>; // zeros and ones, n a sample
  y: ArrayLike<number>;
  w: ArrayLike<number>;
}

/** (A + λ I) x = b for a symmetric, positive A, by Cholesky; pieces that no sample tells apart get nothing. */
export function solve(A: Float64Array, b: Float64Array, penalty: number): Float64Array {
  const n = b.length;
  const L = new Float64Array(n * n);
  const x = new Float64Array(b);
  let trace = 0;
  for (let i = 0; i < n; i++) trace += A[i * n + i];
  const least = 1e-12 * (trace / n || 1);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = A[i * n + j] + (i === j ? penalty : 0);
      for (let k = 0; k < j; k++) sum -= L[i * n + k] * L[j * n + k];
      if (i === j) L[i * n + i] = sum > least ? Math.sqrt(sum) : Infinity;
      else L[i * n + j] = sum / L[j * n + j];
    }
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= L[i * n + k] * x[k];
    x[i] /= L[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= L[k * n + i] * x[k];
    x[i] /= L[i * n + i];
  }
  return x;
}

function moments(samples: Samples, count: number, middle: Float64Array, level: number): [Float64Array, Float64Array] {
  const { n, z, y, w } = samples;
  const [A, b, row] = [new Float64Array(n * n), new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < count; k++) {
    for (let i = 0; i < n; i++) row[i] = z[k * n + i] - middle[i];
    for (let i = 0; i < n; i++) {
      const v = w[k] * row[i];
      b[i] += v * (y[k] - level);
      for (let j = 0; j <= i; j++) A[i * n + j] += v * row[j];
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) A[j * n + i] = A[i * n + j];
  return [A, b];
}

/** Ridge regression over the first `count` samples; the intercept is free. */
export function ridge(samples: Samples, count: number, penalty: number): Line {
  const { n, z, y, w } = samples;
  const middle = new Float64Array(n);
  let [whole, level] = [0, 0];
  for (let k = 0; k < count; k++) {
    whole += w[k];
    level += w[k] * y[k];
    for (let i = 0; i < n; i++) middle[i] += w[k] * z[k * n + i];
  }
  level /= whole;
  for (let i = 0; i < n; i++) middle[i] /= whole;
  const [A, b] = moments(samples, count, middle, level);
  const slopes = solve(A, b, penalty);
  const intercept = level - slopes.reduce((sum, v, i) => sum + v * middle[i], 0);
  return { slopes, intercept, r2: explained(samples, count, slopes, intercept) };
}

/** The line from v(∅) whose slopes add up to `total`: that of Kernel SHAP, by Lagrange. */
export function summing(samples: Samples, count: number, start: number, total: number): Line {
  const { n } = samples;
  const [A, b] = moments(samples, count, new Float64Array(n), start);
  const [free, ones] = [solve(A, b, 0), solve(A, new Float64Array(n).fill(1), 0)];
  const sum = (values: Float64Array): number => values.reduce((s, v) => s + v, 0);
  const missing = (sum(free) - total) / (sum(ones) || 1);
  const slopes = free.map((v, i) => v - missing * ones[i]);
  return { slopes, intercept: start, r2: explained(samples, count, slopes, start) };
}

/** What the line says of a sample. */
export function says(line: Line, on: ArrayLike<number>, from = 0): number {
  let sum = line.intercept;
  for (let i = 0; i < line.slopes.length; i++) sum += line.slopes[i] * on[from + i];
  return sum;
}

function explained({ n, z, y, w }: Samples, count: number, slopes: Float64Array, intercept: number): number {
  let [whole, level, left, all] = [0, 0, 0, 0];
  for (let k = 0; k < count; k++) [whole, level] = [whole + w[k], level + w[k] * y[k]];
  level /= whole;
  for (let k = 0; k < count; k++) {
    left += w[k] * (y[k] - says({ slopes, intercept, r2: 0 }, z, k * n)) ** 2;
    all += w[k] * (y[k] - level) ** 2;
  }
  return all > 0 ? 1 - left / all : 1;
}
