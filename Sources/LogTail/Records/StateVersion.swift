/// The versions of what a checkpoint keeps of a tail's state.
extension KeyedDecodingContainer {
    /// Throws where the state is of another version than this build reads.
    func requireVersion(_ expected: Int, forKey key: Key, of state: String) throws {
        let version = try decode(Int.self, forKey: key)
        guard version == expected else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self,
                debugDescription: "\(state) state of version \(version), not \(expected)")
        }
    }
}
