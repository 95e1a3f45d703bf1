import Clustering
import Testing

@Suite struct CentralPartitionTests {
  @Test("the partition that others agree with most is taken, the first of equals")
  func central() {
    let a = [0, 0, 0, 1, 1, 1, 2, 2, 2]
    let renamed = a.map { 2 - $0 }
    let near = [0, 0, 0, 1, 1, 1, 2, 2, 1]
    let far = [0, 1, 2, 0, 1, 2, 0, 1, 2]
    let central = CentralPartition(of: [far, near, a, renamed])
    #expect(central.index == 2 && central.labels == a && central.others == [far, near, renamed])
    let expected =
      (adjustedRandIndex(a, far) + adjustedRandIndex(a, near) + 1) / 3
    #expect(abs(central.agreement - expected) < 1e-12)
    #expect(abs(central.agreement(of: a) - central.agreement) < 1e-12)
    #expect(central.agreement(of: far) < central.agreement)
  }

  @Test func aloneItIsItself() {
    let central = CentralPartition(of: [[0, 1, 0]])
    #expect(central.index == 0 && central.agreement == 1 && central.agreement(of: [0, 0, 0]) == 1)
  }
}
