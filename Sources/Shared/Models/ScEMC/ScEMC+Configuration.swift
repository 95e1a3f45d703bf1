import Autodiff
import NeuralNetworks
import Training

extension ScEMC {
  /// The shape of the model, the weights of its losses and the paper's ablations; the defaults are
  /// the paper's.
  package struct Configuration: Sendable, Equatable {
    package var genes: Int
    /// T: the RNA encoder sees [X, ÂX, …, ÂᵀX]; 0, the paper's, is X alone.
    package var hops = 0
    /// The columns of the second measurement; nil for RNA alone, the paper's ablation.
    package var features: Int?
    /// Whether the second measurement is explained as counts (ZINB), not as real values (Gaussian).
    package var secondHasCounts = true
    /// θ of both measurements: exp in the paper (equation 5), softplus in the released program.
    package var dispersion = DispersionLink.softplus
    /// d of equation 18: Euclidean in the paper, squared in the released program.
    package var distance = CenterDistance.squared
    /// The widths of both encoders; the last is the latent width.
    package var encoder = [256, 64, 32, 8]
    package var decoder = [64, 256]
    package var secondDecoder = [20]
    /// How many batches of cells the decoders see beside the code; 0: none.
    package var batches = 0
    /// Whether the first layers of the encoders have a bias for each of them.
    package var encodesBatches = false
    package var aggregation = Aggregation.paper
    /// The width and the dropout of the transformer layer.
    package var feedForward = 256
    package var dropout = 0.1
    /// Whether Z̃ begins with Zʳ.
    package var skips = true
    /// Whether L_rec is minimized.
    package var reconstructs = true
    /// Whether L_kl and L_dk are minimized.
    package var clusters = true
    /// σ_r and σ_a.
    package var rnaNoise = 2.5
    package var secondNoise = 1.5
    /// L_kl joins pretraining after this share of the epochs.
    package var pairsBegin = 0.5
    package var lambda1 = 1.0
    package var lambda2 = 10.0
    /// φ: the weight of L_kl. γ: the weight of L_dk.
    package var phi = 0.001
    package var gamma = 0.1
    /// Whether the centers are trained: the paper's; the released program holds them constant.
    package var trainsCenters = true
    /// Whether p of L_kl is differentiated: the released program does, the paper holds it constant.
    package var differentiatesTarget = false
    /// Whether the running statistics follow the noisy passes too, as the released program's do,
    /// and not the clean ones alone.
    package var countsNoisyStatistics = true
    /// Normalizes every pass alike, whatever it is for; nil: training passes by their batch,
    /// evaluation by the running statistics.
    package var mode: NormalizationMode?

    package init(genes: Int, features: Int?) {
      self.genes = genes
      self.features = features
    }

    /// The shape for these data.
    package init(for data: PairedData<S>) {
      self.init(genes: 0, features: nil)
      fit(to: data)
    }

    /// Takes what the data decide.
    mutating func fit(to data: PairedData<S>) {
      (genes, features) = (data.rna.targetCount, data.second?.targetCount)
      hops = max(1, data.rna.inputCount / max(1, data.rna.targetCount)) - 1
      secondHasCounts = data.second?.hasCounts ?? true
      batches = data.covariate?.count ?? 0
      encodesBatches = data.covariate?.isEncoded ?? false
    }

    /// The width of Zʳ and Zᵃ.
    package var latent: Int { encoder.last ?? genes }
    /// The width of Z and Ẑ.
    package var jointWidth: Int { features == nil ? latent : 2 * latent }
    /// The width of Z̃.
    package var codeWidth: Int { skips ? latent + jointWidth : jointWidth }
  }
}
