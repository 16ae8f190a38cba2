import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.functions.source.legacy.SourceFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.api.common.typeinfo.Types;

/** The stream of crates/core/benches/keyed_count through a local Flink job: parallelism 1, object reuse on, the second of two runs. FlinkBench EVENTS. */
public final class FlinkBench {
    public static void main(String[] args) throws Exception {
        int events = Integer.parseInt(args[0]);
        for (int keys : new int[] {1_000, 100_000}) {
            run(events / 4, keys);
            double seconds = run(events, keys);
            System.out.printf("watermark + keyed tumbling count, %d keys: %.1f M events a second on Flink%n", keys, events / seconds / 1e6);
        }
    }

    private static double run(int events, int keys) throws Exception {
        Configuration settings = new Configuration();
        settings.setString("rest.port", "0");
        StreamExecutionEnvironment flink = StreamExecutionEnvironment.createLocalEnvironment(1, settings);
        flink.getConfig().enableObjectReuse();
        flink.addSource(new Drawn(events, keys)).returns(Types.TUPLE(Types.INT, Types.LONG))
                .assignTimestampsAndWatermarks(WatermarkStrategy.<Tuple2<Integer, Long>>forBoundedOutOfOrderness(Duration.ofSeconds(2)).withTimestampAssigner((event, time) -> event.f1))
                .keyBy(event -> event.f0, Types.INT)
                .window(TumblingEventTimeWindows.of(Duration.ofSeconds(5)))
                .aggregate(new Count(), Types.LONG, Types.LONG)
                .sinkTo(new DiscardingSink<>());
        long start = System.nanoTime();
        flink.execute();
        return (System.nanoTime() - start) / 1e9;
    }

    private static final class Drawn implements SourceFunction<Tuple2<Integer, Long>> {
        private final int events;
        private final int keys;

        Drawn(int events, int keys) {
            this.events = events;
            this.keys = keys;
        }

        @Override
        public void run(SourceContext<Tuple2<Integer, Long>> context) {
            long state = 1;
            Tuple2<Integer, Long> reused = new Tuple2<>();
            for (int event = 0; event < events; event++) {
                state = state * 6364136223846793005L + 1442695040888963407L;
                reused.f0 = (int) (((state >>> 33) * keys) >>> 31);
                reused.f1 = event / 1_000 - (state >>> 20 & 0x7ff) % 2_000;
                context.collect(reused);
            }
        }

        @Override
        public void cancel() {}
    }

    private static final class Count implements AggregateFunction<Tuple2<Integer, Long>, Long, Long> {
        @Override
        public Long createAccumulator() {
            return 0L;
        }

        @Override
        public Long add(Tuple2<Integer, Long> event, Long count) {
            return count + 1;
        }

        @Override
        public Long getResult(Long count) {
            return count;
        }

        @Override
        public Long merge(Long one, Long other) {
            return one + other;
        }
    }
}
