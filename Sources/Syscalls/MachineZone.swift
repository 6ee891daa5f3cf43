internal import Glibc

/// The time zone of this machine as the C library knows it: localtime(3), tzset(3).
public enum MachineZone {
    /// Seconds east of UTC at a second since the epoch; 0 where the year is none that can be told.
    public static func offset(at second: Int64) -> Int {
        var time = time_t(second)
        // SAFETY: plain memory, which the call fills.
        var civil = unsafe tm()
        // SAFETY: the call reads one time and fills one civil time.
        guard unsafe localtime_r(&time, &civil) != nil else { return 0 }
        // SAFETY: as above.
        return unsafe civil.tm_gmtoff
    }
}
