package io.meridian.cli.verb;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.type.v1.Position;
import io.meridian.cli.session.Session;
import java.util.function.BiFunction;

/**
 * Changes some fields of an object whose API replaces all of them: reads it at the mesh's head and writes under the condition that the head is still
 * that. When somebody else wrote in between it starts again, unless the person himself said which position he expects.
 */
final class ReadModifyWrite {
    private static final int ATTEMPTS = 5;

    private ReadModifyWrite() {}

    /** @param readAndWrite from the position to read at, and the options to write with */
    static <R> R run(
            Session session, String mesh, WriteOptionsMixin mixin, BiFunction<Position, WriteOptions, R> readAndWrite) {
        WriteOptions options = mixin.toProto(session, mesh);
        if (options.hasExpectedPosition()) {
            return readAndWrite.apply(options.getExpectedPosition(), options);
        }
        for (int attempt = 1; ; attempt++) {
            Position head = new Resolver(session, mesh).head();
            WriteOptions.Builder conditional = options.toBuilder().setExpectedPosition(head);
            if (attempt > 1) {
                // Another command than the one refused before, so another id.
                conditional.setRequestId(options.getRequestId() + "." + attempt);
            }
            try {
                return readAndWrite.apply(head, conditional.build());
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.ABORTED || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }
}
