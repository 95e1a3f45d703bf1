import Autodiff
import Glibc
import NeuralNetworks
import Tensors
import Training

/// softmax_j(−‖z_i − V_j‖²). (N, D) (K, D) → (N, K)
func softmaxOfDistances<S: EngineScalar>(_ codes: Matrix<S>, to centers: Matrix<S>)
  -> Matrix<S>
{
  var shares = Matrix<S>.zeros(codes.rows, centers.rows)
  for i in 0..<codes.rows {
    let distances = (0..<centers.rows).map { j in
      (0..<codes.columns).reduce(0.0) { sum, d in
        let difference = Double(codes[i, d]) - Double(centers[j, d])
        return sum + difference * difference
      }
    }
    let least = distances.min() ?? 0
    let sum = distances.reduce(0) { $0 + exp(least - $1) }
    for (j, distance) in distances.enumerated() { shares[i, j] = S(exp(least - distance) / sum) }
  }
  return shares
}

extension Assignment {
  /// The nearest of the centers (K, D) to codes (N, D), and softmax_j(−‖z_i − V_j‖²).
  init(nearest centers: Window<S>, to codes: Matrix<S>) {
    self.init(
      labels: nearestCenters(of: Window(reading: codes), to: centers),
      shares: softmaxOfDistances(codes, to: centers.matrix()))
  }
}
