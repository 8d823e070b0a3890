package io.meridian.chaos.simulation;

/** One thing that a seed makes happen at a time of its own: by a client, by an operator, by fate. Members are named by their place. */
sealed interface Action {
    long atMillis();

    /** Whether it is a fault, rather than something that people do. */
    default boolean isFault() {
        return true;
    }

    /** {@code what}: chooses the command; {@code region}: where the client is. */
    record Command(long atMillis, int number, int region, int what) implements Action {
        @Override
        public boolean isFault() {
            return false;
        }
    }

    /** Demands the position of the newest write that was acknowledged then. */
    record Read(long atMillis, int region) implements Action {
        @Override
        public boolean isFault() {
            return false;
        }
    }

    record Handover(long atMillis, int to) implements Action {
        @Override
        public boolean isFault() {
            return false;
        }
    }

    record Failover(long atMillis, int to, boolean withoutMajority) implements Action {
        @Override
        public boolean isFault() {
            return false;
        }
    }

    /** An operator at {@code region} lets a member join. */
    record Join(long atMillis, int number, int region, int member) implements Action {
        @Override
        public boolean isFault() {
            return false;
        }
    }

    /** An operator at {@code region} lets a member leave. */
    record Leave(long atMillis, int number, int region, int member) implements Action {
        @Override
        public boolean isFault() {
            return false;
        }
    }

    record Crash(long atMillis, int member, long downMillis) implements Action {}

    record Pause(long atMillis, int member, long millis) implements Action {}

    /** The next write of the journal fails; what of it is durable is anybody's guess. */
    record JournalFailure(long atMillis, int member) implements Action {}

    /** {@code side}: a bit for each member on one side; the other side no longer hears it, and is not heard unless {@code oneWay}. */
    record Partition(long atMillis, int side, boolean oneWay, long millis) implements Action {}

    /** The process ends and comes back with an old copy of its disk. */
    record Restore(long atMillis, int member, double share, long downMillis) implements Action {}

    record WallClockJump(long atMillis, int member, long millis) implements Action {}
}
