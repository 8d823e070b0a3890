package io.meridian.compiler.translate;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.UInt64Value;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.envoyproxy.envoy.type.v3.FractionalPercent.DenominatorType;
import io.envoyproxy.envoy.type.v3.Percent;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Protobuf's and Envoy's wrappings of plain values. */
final class ProtoValues {
    static final Duration ZERO = Duration.getDefaultInstance();

    private static final String TYPE_URL_PREFIX = "type.googleapis.com/";
    private static final int MILLIONTHS_PER_PERCENT = 10_000;

    private ProtoValues() {}

    static Duration duration(java.time.Duration value) {
        return Duration.newBuilder()
                .setSeconds(value.getSeconds())
                .setNanos(value.getNano())
                .build();
    }

    static UInt32Value uint32(int value) {
        return UInt32Value.of(value);
    }

    static UInt64Value uint64(long value) {
        return UInt64Value.of(value);
    }

    static BoolValue bool(boolean value) {
        return BoolValue.of(value);
    }

    static Percent percent(double value) {
        return Percent.newBuilder().setValue(value).build();
    }

    /** {@code percent}: 0 to 100. */
    static FractionalPercent fraction(double percent) {
        return FractionalPercent.newBuilder()
                .setNumerator(Math.toIntExact(Math.round(percent * MILLIONTHS_PER_PERCENT)))
                .setDenominator(DenominatorType.MILLION)
                .build();
    }

    static RuntimeFractionalPercent runtimeFraction(double percent) {
        return RuntimeFractionalPercent.newBuilder()
                .setDefaultValue(fraction(percent))
                .build();
    }

    static DataSource file(String path) {
        return DataSource.newBuilder().setFilename(path).build();
    }

    /** As {@code Any.pack}, but with the same bytes for the same content: maps are sorted. */
    static Any any(Message message) {
        return Any.newBuilder()
                .setTypeUrl(TYPE_URL_PREFIX + message.getDescriptorForType().getFullName())
                .setValue(deterministic(message))
                .build();
    }

    private static ByteString deterministic(Message message) {
        ByteString.Output out = ByteString.newOutput(message.getSerializedSize());
        CodedOutputStream coded = CodedOutputStream.newInstance(out);
        coded.useDeterministicSerialization();
        try {
            message.writeTo(coded);
            coded.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteString();
    }
}
