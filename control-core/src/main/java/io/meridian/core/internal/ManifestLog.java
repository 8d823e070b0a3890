package io.meridian.core.internal;

import io.meridian.model.position.MeshId;
import io.meridian.persistence.Manifest;
import io.meridian.persistence.ManifestEvent;
import io.meridian.persistence.PersistenceIds;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.RecoveryFailed;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/** Owns the manifest of one mesh. A few events over a mesh's life; no snapshots. Fails, and so stops, if the journal does. */
final class ManifestLog extends EventSourcedBehavior<ManifestLog.Append, ManifestEvent, Manifest> {

    /** Persist {@code events}, all or none; the manifest with them comes back when they are durable. */
    record Append(List<ManifestEvent> events) {
        Append {
            events = List.copyOf(events);
        }
    }

    /** What the owner of this actor is told. */
    sealed interface Told {}

    record Recovered(Manifest manifest) implements Told {}

    record Recorded(Manifest manifest) implements Told {}

    record Failed(String reason) implements Told {}

    private final MeshId mesh;
    private final ActorRef<Told> owner;

    private ManifestLog(MeshId mesh, ActorRef<Told> owner) {
        super(PersistenceId.ofUniqueId(PersistenceIds.manifest(mesh)));
        this.mesh = mesh;
        this.owner = owner;
    }

    static Behavior<Append> create(MeshId mesh, ActorRef<Told> owner) {
        return new ManifestLog(mesh, owner);
    }

    @Override
    public Manifest emptyState() {
        return Manifest.empty(mesh);
    }

    @Override
    public CommandHandler<Append, ManifestEvent, Manifest> commandHandler() {
        return (manifest, command) ->
                Effect().persist(command.events()).thenRun(recorded -> owner.tell(new Recorded(recorded)));
    }

    @Override
    public EventHandler<Manifest, ManifestEvent> eventHandler() {
        return Manifest::next;
    }

    @Override
    public SignalHandler<Manifest> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.instance(), manifest -> owner.tell(new Recovered(manifest)))
                .onSignal(
                        RecoveryFailed.class,
                        (manifest, failed) -> owner.tell(new Failed(Failures.reason(failed.failure()))))
                .build();
    }
}
