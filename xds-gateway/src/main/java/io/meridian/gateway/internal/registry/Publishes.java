package io.meridian.gateway.internal.registry;

import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Calls {@link ProxyRegistry#advanced} when it may be: for each publish of one mesh, in order, once the streams that it and those before it
 * touch have acknowledged or reported. Thread-safe.
 */
public final class Publishes {
    private final ProxyRegistry registry;
    private final MeshId mesh;
    private final Deque<Publish> open = new ArrayDeque<>();

    public Publishes(ProxyRegistry registry, MeshId mesh) {
        this.registry = registry;
        this.mesh = mesh;
    }

    /** One publish that is being told. */
    public final class Publish {
        private final Position to;
        private int tasks;

        private Publish(Position to, int tasks) {
            this.to = to;
            this.tasks = tasks;
        }

        /** As many tasks more; one must still be to be done. */
        public void more(int added) {
            synchronized (open) {
                if (tasks == 0) {
                    throw new IllegalStateException("the publish of " + to + " is done");
                }
                tasks += added;
            }
        }

        /** One of its tasks is done: the streams that it told have acknowledged, called {@link ProxyRegistry#update}, or ended. */
        public void done() {
            settle(this);
        }
    }

    /** {@code tasks}: how often {@link Publish#done} will be called; with 0 nobody is touched. */
    public Publish begin(Position to, int tasks) {
        Publish publish = new Publish(to, tasks);
        synchronized (open) {
            open.add(publish);
            tell();
        }
        return publish;
    }

    private void settle(Publish publish) {
        synchronized (open) {
            if (publish.tasks == 0) {
                throw new IllegalStateException("more tasks are done than the publish of " + publish.to + " has");
            }
            publish.tasks--;
            tell();
        }
    }

    /** Only what it calls is another thread-safe map, so the lock is short. */
    private void tell() {
        @Nullable Position reached = null;
        while (!open.isEmpty() && open.element().tasks == 0) {
            reached = open.remove().to;
        }
        if (reached != null) {
            registry.advanced(mesh, reached);
        }
    }
}
