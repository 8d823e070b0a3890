package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.XdsResource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;

/**
 * What can happen to a {@link Standing}: a function of nothing but the standing and the step's own parts, which are compared by identity, as
 * content that is the same is the same object.
 */
sealed interface Step {
    /** How many names it carries: what it weighs where it is remembered. */
    default int names() {
        return 0;
    }

    /** There is something else now. */
    record View(PSortedMap<String, XdsResource> next) implements Step {
        @Override
        @SuppressWarnings("ReferenceEquality") // to compare two by content is what is to be avoided
        public boolean equals(@Nullable Object other) {
            return other instanceof View view && view.next == next;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(next);
        }
    }

    /**
     * A delta request.
     *
     * @param everything the wildcard is subscribed to
     * @param notEverything the wildcard is unsubscribed
     * @param owesAnswer the wildcard is to be answered even with nothing
     * @param holds what the client says that it holds; null unless it is the first request
     */
    record Ask(
            NameSet more,
            NameSet less,
            boolean everything,
            boolean notEverything,
            boolean owesAnswer,
            @Nullable Holds holds)
            implements Step {
        @Override
        public int names() {
            return more.size() + less.size() + (holds == null ? 0 : holds.versions.size());
        }
    }

    /** Names and versions that a client holds from an earlier stream. Compared by identity; {@link HoldsSets} gives one for each content. */
    final class Holds {
        final Map<String, String> versions;

        Holds(Map<String, String> versions) {
            this.versions = versions;
        }
    }

    /**
     * A state-of-the-world request.
     *
     * @param asked all names but the wildcard
     * @param everything the wildcard is among the names
     * @param first the first of the type
     */
    record Want(NameSet asked, boolean everything, boolean first) implements Step {
        @Override
        public int names() {
            return asked.size();
        }
    }

    /** These must be sent again although they did not change. {@code batch} has them as changed. */
    record Again(Batch batch) implements Step {}

    /** Nobody can say whether the client holds what the batch told of and only the wildcard covers: it is to be told again. */
    record Doubt(Batch batch) implements Step {}

    /** The client was given its time to ask for what it never asked for. */
    record StopAwaiting() implements Step {}

    /** The next response is made. */
    record Next(Form form, boolean removalsAllowed, int chunkBytes) implements Step {
        @Override
        public boolean equals(@Nullable Object object) {
            return object instanceof Next other
                    && form == other.form
                    && removalsAllowed == other.removalsAllowed
                    && chunkBytes == other.chunkBytes;
        }

        @Override
        public int hashCode() {
            return (form.hashCode() * 31 + Boolean.hashCode(removalsAllowed)) * 31 + chunkBytes;
        }
    }

    /** How a response tells. */
    enum Form {
        /** What changed, and what is gone. */
        DELTA,
        /** State of the world, of a type that may be told in parts. */
        PART,
        /** State of the world, of a type of which absence deletes. */
        COMPLETE
    }

    /**
     * What a step led to.
     *
     * @param batch what is to be said; null for all but {@link Next}, and there if nothing has to be said after all
     * @param gone names that are not there any more and of which there is no way to say so
     */
    record Outcome(Standing after, @Nullable Batch batch, List<String> gone) {}
}
