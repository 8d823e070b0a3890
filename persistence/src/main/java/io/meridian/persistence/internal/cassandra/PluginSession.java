package io.meridian.persistence.internal.cassandra;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.apache.pekko.actor.AbstractExtensionId;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Extension;
import org.jspecify.annotations.Nullable;
import scala.concurrent.Future;
import scala.jdk.javaapi.FutureConverters;

/** The session of an actor system's journal and snapshot store, opened with the first question and closed after the last actor. Thread-safe. */
final class PluginSession implements Extension {
    /** How Pekko finds it. */
    private static final class Id extends AbstractExtensionId<PluginSession> {
        @Override
        public PluginSession createExtension(ExtendedActorSystem system) {
            return new PluginSession(system);
        }
    }

    private static final Id ID = new Id();

    private final SharedSession session;
    /** Whoever waits for the cluster does so on a thread of its own. */
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private SharedSession.@Nullable Use use;

    private PluginSession(ExtendedActorSystem system) {
        session = new SharedSession(
                CassandraSettings.of(system.settings().config().getConfig(CassandraSettings.PATH)));
        system.registerOnTermination(this::close);
    }

    static PluginSession of(ActorSystem system) {
        return ID.apply(system);
    }

    /** Fails with what {@code work} throws. */
    <T extends @Nullable Object> Future<T> ask(Function<CassandraSession, T> work) {
        return FutureConverters.asScala(CompletableFuture.supplyAsync(() -> work.apply(opened()), threads));
    }

    /** What is not done at all. */
    static Future<Void> refused(String why) {
        return FutureConverters.asScala(CompletableFuture.failedFuture(new UnsupportedOperationException(why)));
    }

    private synchronized CassandraSession opened() {
        SharedSession.Use opened = use == null ? session.use() : use;
        use = opened;
        return opened.session();
    }

    private synchronized void close() {
        threads.shutdown();
        if (use != null) {
            use.close();
        }
    }
}
