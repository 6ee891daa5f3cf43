import Glibc

/// How the tests themselves are scheduled.
public enum Scheduling {
    /// True under the ordinary policy, and with no more weight than others have: elsewhere nothing
    /// asks for slices of its own, or what it starts keeps them.
    public static var isUsual: Bool {
        sched_getscheduler(0) == SCHED_OTHER
            && getpriority(.init(PRIO_PROCESS.rawValue), 0) >= 0
    }
}
