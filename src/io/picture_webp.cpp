// WebP through libwebp; of an animation the first frame on its canvas, as WebPAnimDecoder composes it.
#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>

#include "io/picture_formats.h"

namespace r1v {
namespace {

template <auto destroy>  // one deleter type for each of libwebp's destroy functions
struct Deleter {
  void operator()(auto* object) const { destroy(object); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, Deleter<WebPDemuxDelete>>;
using AnimationDecoder = std::unique_ptr<WebPAnimDecoder, Deleter<WebPAnimDecoderDelete>>;

void decode_first_frame(const WebPData& data, const PictureSource& source, Picture& picture) {
  WebPAnimDecoderOptions options;
  WebPAnimDecoderOptionsInit(&options);
  options.color_mode = MODE_RGBA;
  options.use_threads = 0;
  const AnimationDecoder decoder(WebPAnimDecoderNew(&data, &options));
  uint8_t* canvas = nullptr;
  int time_ms = 0;
  if (decoder == nullptr || !WebPAnimDecoderGetNext(decoder.get(), &canvas, &time_ms)) {
    throw broken_picture(source, "the first frame of the WebP file is broken");
  }
  for (size_t i = 0; i < picture.rgb.size() / 3; ++i) {
    for (size_t c = 0; c < 3; ++c) picture.rgb[3 * i + c] = canvas[4 * i + c];
  }
}

}  // namespace

Picture decode_webp(const PictureSource& source) {
  const WebPData data{reinterpret_cast<const uint8_t*>(source.bytes.data()), source.bytes.size()};
  const Demuxer demuxer(WebPDemux(&data));
  if (demuxer == nullptr) throw broken_picture(source, "the WebP file is broken or truncated");
  const uint32_t width = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH);
  const uint32_t height = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT);
  Picture picture = allocate_picture(width, height, source);
  if ((WebPDemuxGetI(demuxer.get(), WEBP_FF_FORMAT_FLAGS) & ANIMATION_FLAG) != 0) {
    decode_first_frame(data, source, picture);
    return picture;
  }
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(data.bytes, data.size, &features) != VP8_STATUS_OK || features.width != picture.width ||
      features.height != picture.height ||
      WebPDecodeRGBInto(data.bytes, data.size, picture.rgb.data(), picture.rgb.size(), picture.width * 3) == nullptr) {
    throw broken_picture(source, "the pixels of the WebP file are broken or truncated");
  }
  return picture;
}

}  // namespace r1v
