"""What people say of an absence, in Kazakh, Russian, Turkish and English: one table of stems a meaning.

`_PLACED` is what stands beside a date and gives it its part; `_SAID` is what a whole sentence speaks of. See
core.lexicon for how stems are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from postclerk.core.lexicon import Lexicon, fold

_MONTHS = (
    "januar =jan январ =янв ocak қаңтар =қаң",
    "februar =feb феврал =фев =февр şubat =şub ақпан =ақп",
    "march =mar март =мар mart наурыз =нау",
    "april =apr апрел =апр nisan =nis сәуір =сәу",
    "=may =май =мая =маем =мае mayıs мамыр =мам",
    "=june =jun июн haziran =haz маусым =мау",
    "=july =jul июл temmuz =tem шілде =шіл",
    "august =aug август =авг ağustos =ağu =тамыз тамыз",
    "september =sep =sept сентябр =сен =сент eylül =eyl қыркүйек қыркүйег =қыр",
    "october =oct октябр =окт ekim =eki қазан =қаз",
    "november =nov ноябр =ноя =нояб kasım =kas қараша =қар",
    "december =dec декабр =дек aralık aralığ желтоқсан =жел =желт",
)
_WEEKDAYS = (
    "monday =mon понедельник =пн pazartesi дүйсенбі",
    "tuesday =tue =tues вторник =вт =salı =salıya =salıdan =salıyı сейсенбі",
    "wednesday =wed среда =среду =среды =среде =ср çarşamba сәрсенбі",
    "thursday =thu =thur =thurs четверг =чт perşembe бейсенбі",
    "friday =fri пятниц =пт =cuma =cumaya =cumadan =cumanın =cumayı жұма",
    "saturday =sat суббот =сб cumartesi сенбі",
    "sunday =sun воскресень =вс =pazar =pazara =pazardan жексенбі",
)
_NUMBERS = {
    1: "=a =an =one =один =одну =одной =одного =bir =бір",
    2: "=two =два =две =двух =iki =екі =couple =пару",
    3: "=three =три =трех =трёх =üç =үш",
    4: "=four =четыре =четырех =четырёх =dört =төрт",
    5: "=five =пять =пяти =beş =бес",
    6: "=six =шесть =шести =altı =алты",
    7: "=seven =семь =семи =yedi =жеті",
    8: "=eight =восемь =восьми =sekiz =сегіз",
    9: "=nine =девять =девяти =dokuz =тоғыз",
    10: "=ten =десять =десяти",
    14: "=fourteen =четырнадцать =четырнадцати",
}

_PLACED = {
    "from": """
        =from starting starts beginning begins commencing commences as_of effective =since between =begin
        =с =со начиная между начинается начнется нач
        başlangıc =başlama
        басталу
    """,
    "until": """
        =until =till =til through =thru =upto =ending =ends =end_date
        =до =по =заканчивается =окончание =вплоть
        bitiş
        аяқталуы
    """,
    "to": "=to",
    "through": "through =thru =по",
    "and": """
        =and
        =и
        =ile =ve
        =мен =бен =пен =және
    """,
    "not_before": "=before earlier_than prior_to раньше =ранее",
    "after": "=after =после following",
    "post_until": "қоса_алғанда =kadar =dek =değin дейін шейін =deyin",
    "post_from": "itibaren itibarıyla itibariyle itibari başlayarak =бастап басталып",
    "post_after": "=sonra =sonrasında =кейін =соң",
    "post_before": "=önce =бұрын",
    "post_between": "=arasında =arası =aralığında =arasındaki =аралығында =аралығы =аралықта =арасында =арасы",
    "filler": """
        =the =on =of =date =day =in =at =about =approximately =around =and_including =including =inclusive =morning
        =evening =noon =close =business =cob =eob =eod =work =this =late =early =next =office =local =time
        =числа =число =день =дня =дату =даты =утра =вечера =включительно =включая =года =год =году =г =гг =конца_дня
        =в =на =во
        tarih =günü =gününe =gününden =gün =gününün =sabahı =sabahından =akşamı =akşamına =dahil =dâhil =yılı =saat
        =mesai =bitimine =sonuna =başından =başına =ayının =ayı =itibarıyle =olmak =üzere
        =күні =күніне =күнінен =күн =жылғы =жылы =жылдың =ж =қоса =алғанда =таңы =кеші =кешіне =айының =айы =сағат
        =күнге
    """,
    "year": """
        =г =гг =года =год =году
        =yılı =yılının
        =жылғы =жылы =жылдың =ж =жж
    """,
    "ordinal_day": "=числа =число =числу =числом",
    "next": """
        =next
        =следующей =следующего =следующую =следующий =следующем =след
        =gelecek =önümüzdeki =haftaya
        =келесі
    """,
    "coming": "=this =coming =эту =этой =этот =этого =ближайшую =ближайший =ближайшего =bu =осы =алдағы",
    "end": "=end =конец =конца =концу =sonu =sonuna =sonunda =соңы =соңына =соңында =аяғы =аяғына",
    "middle": "=mid =middle середин =ortası =ortasına =ортасы =ортасына",
    "week": "=week =weeks недел =hafta =haftası =haftanın =haftaya =haftadan =haftalık =haftalığına апта",
    "month": "=month =months =месяц =месяца =месяцев =месяце =ay =ayın =ayı =aylık =aylığına =ай =айдың =айға",
    "day": """
        =day =days
        =дня =дней =день
        =gün =günlük =günlüğüne =günden
        =күн =күнге =күндік =күннен
    """,
    "working": "=working =business =work =рабочих =рабочие =рабочего =iş =жұмыс =календарных =calendar =takvim",
    "for": "=for =на =течение =течении =продлится =boyunca =süreyle =süresince =бойы =ұзақтығына =ішінде =ближайшие",
    "in": "=in =через",
    "today": "=today =tonight =сегодня =сегодняшнего =bugün =bugünden =bugünkü =бүгін =бүгіннен =бүгінгі",
    "tomorrow": "=tomorrow =завтра =завтрашнего =yarın =yarından =yarına =yarınki =ертең =ертеңге =ертеңнен",
    "next_day": "day_after_tomorrow послезавтра öbür_gün ertesi_gün бүрсігүні",
    "back": """
        back_in back_at back_on back_to =back =returns =returning =return =resume =resuming =rejoin reopen see_you
        вернусь вернемся вернется вернуться возвращаюс возвращус =возвращение =возвращения =возвращении =возвращению
        выйти выйду выхожу =выход выхода приступ снова_буду буду_снова появлюсь прибуд приеду увидимся =встречи
    """,
    "back_last": """
        döne döndü dönüş dönmü dönec başı_yap iş_başı işbaşı göreve_başla işe_başla işimin_baş masamda_ola görüşürüz
        görüşmek dönüyor
        орал қайтып қайтам қайтуы қайту шығам шығатын келемін келем кірісем кірісет жұмысқа_кел кездескенше
    """,
    "begun": """
        =started =began =begun
        ушла ушел ушёл ухожу =вышла =вышел
        başladım ayrıldım
        шықтым кеттім кетемін
    """,
    "place": """
        office =work desk_on available
        на_раб на_мест в_офис на_связ доступ
        =işe göreve görevim ofise ofiste =işte masam iş_yerin işyerin görev_baş iş_başın
        жұмысқа жұмыста жұмысым қызметке кеңсе орнымда офис
    """,
    "come": """
        will_be ll_be be_back be_in =am_in
        =буду =будем
        olacağım olacağız bulunacağ başlayacağ başlıyor gelece geliyor
        =боламын =болам =боламыз келем кірісем
    """,
    "respond": """
        respond reply replies answer get_back_to process
        ответ отвеч отвечу рассмотр
    """,
    "respond_last": "bakacağım ilgilenec yanıt cevap dönüş_yap geri_dön жауап",
    "not": "=not =won =cannot =can =unable =не =нет =değil емес",
}
for number, stems in enumerate(_MONTHS, 1):
    _PLACED[f"month{number}"] = stems
for number, stems in enumerate(_WEEKDAYS):
    _PLACED[f"weekday{number}"] = stems
for number, stems in _NUMBERS.items():
    _PLACED[f"number{number}"] = stems

_SAID = {
    "absent": """
        out_of_office out_of_the_office out_of_my_office out_of_town =ooo =oof =away vacation on_leave annual_leave
        medical_leave sick_leave maternity paternity parental study_leave leave_until leave_from leave_of on_holiday
        holiday_until holiday_from holidays_until holidays_from =absent absence m_unavailable am_unavailable
        be_unavailable not_available_from not_available_until am_not_available not_be_available not_in_the_office
        not_in_office not_be_in not_in_today sabbatical =sick travelling traveling business_trip off_work out_sick
        day_=off days_=off time_=off am_=off be_=off m_=off =offline not_at_work not_be_at_work office_is_closed
        be_closed are_closed closed_from closed_until closed_for closed_on not_working no_longer_work no_longer_with
        no_longer_at no_longer_employ have_left left_the_company left_the_univers =pto fieldwork out_today out_on
        out_from out_until out_for out_this out_all out_tomorrow be_out am_out m_out currently_out the_office_from
        the_office_until attending_a_conf at_a_conf at_the_conf limited_access without_access no_access intermittent
        at_a_workshop at_a_training attending_a research_leave family_leave compassionate_leave bereavement my_leave
        not_be_checking not_checking
        отпуск отсутству отсутствов мое_отсутств мое_отсутствие моего_отсутств моем_отсутств командиров больнич болею
        =болен заболел нет_на_рабо нет_на_мест не_буду_на_раб не_буду_на_мест не_буду_в_оф не_будет_на не_будет_в_оф
        меня_не_буд меня_нет меня_сейчас_нет каникул декрет вне_офис не_в_офис не_на_рабо не_на_мест буду_недоступ
        =недоступен =недоступна не_работаю не_работаем больше_не_раб уже_не_раб уволил выходной отгул на_учеб
        буду_не_доступ стажировк в_отъезд отъезд не_смогу_отв офис_закрыт университет_закрыт на_конферен
        ограничен_доступ не_имею_доступ закрыт_с закрыт_до будем_закрыт не_работает_с не_работает_до на_семинар
        на_тренинг на_стажир на_курсах на_совещан больше_не_зан больше_не_явл больше_не_сотр
        iznim izinli izindey =izinde =izindeyim izin_neden izin_sür iznindey izn_kull iznini yıllık_izin yıllık_izn
        doğum_izn doğum_izin =izne tatil ofis_dış ofisdış ofiste_değil ofiste_olmay ofiste_olmad ofiste_bulunm
        ofiste_yok işyerinde_değil iş_yerinde_olm =yokum olmayacağım burada_bulunm burada_olm işte_olm görevde_olm
        yerimde_olm bulunmayacağım bulunamayacağım bulunmamaktayım raporluy =raporlu =rapordayım sağlık_rapor seyahat
        görevlendirme şehir_dış yurt_dış yurtdış şehirdış dışındayım uzakta_ola uzaktayım artık_çalışm
        görevimden_ayrıl kurumdan_ayrıl müsait_değil müsait_olm ofisimiz_kapalı kapalı_olac kapalıdır kapalıyız
        kongre_neden kongrede konferansta erişimim_kısıt erişimim_sınır işten_uzak iş_başında_olm ulaşılamay
        eğitimde_ola eğitimdeyim seminerde toplantıda_ola fuardayım
        rahatsızlığ işe_gelemey işe_gelmey izin_baş izin_bit izin_tar izin_dön
        демалыста демалысқа демалысым демалыс_уақыт еңбек_дем іссапар жұмыста_болма жұмыста_емес жұмыста_жоқ
        жұмыс_орнымда_емес жұмыс_орнымда_бол жұмыс_орнымда_жоқ орнымда_емес орнымда_жоқ орнымда_болма кеңседе_емес
        кеңседе_жоқ кеңседе_болма кеңседен_тыс офисте_емес офисте_жоқ офисте_болма болмаймын жоқпын жоқ_боламын
        болмаған_кез болмайтын_кез қызметтік_сапар ауырып ауыру_бойынша ауруым жұмыс_істемей бала_күтім қолжетімсіз
        жұмыс_орнында_бол жоқ_кезім жоқ_кезде жоғымда офистен_тыс конференцияда демалыс_алд демалыс_мерз жұмысқа_шықпа
    """,
    "mine": "=меня",
    "not_there": "не_буд не_было",
    "hours": """
        office_hours opening_hours working_hours business_hours hours_of outside_of_hours out_of_office_hours
        outside_office out_of_hours out_of_the_office_hours
        режим_раб часы_раб график_раб время_раб рабочее_время рабочие_часы часы_прием приемные_час нерабочее
        çalışma_saat mesai_saat
        жұмыс_уақыт жұмыс_кесте жұмыс_тәртіб қабылдау_уақыт жұмыс_сағат
    """,
    "other": """
        deadline apply applications submission submit registration =version copyright =dated your_letter your_email_of
        your_message_of =book published edition conference_will =payment invoice =valid enrol
        срок_подач заявк прием_док приём_док регистрац версия книг издан ваше_письмо_от письмо_от действител договор
        son_başvuru başvurular kayıtlar son_tarih geçerli sürüm kitab
        өтінім құжат_қабылд тіркеу нұсқа кітап
    """,
    "contact": """
        contact reach write_to =write e-mail_to get_in_touch in_touch turn_to direct_your directed refer_to
        please_refer forward deputi =deputy substitut replac =cover covering covered covers standing_in stand_in
        stands_in stepping on_my_behalf in_my_place in_charge =handle =handles handling assist =help backup alternat
        =speak address_your send_your =ask looking_after look_after filling_in responsible urgent emergency
        taking_care takes_care take_care question queries enquir inquir
        обращ обратит =пишите =писать напиш связ связывайт свяжит =звонит позвон звоните замещ заместит заменя замен
        =вместо исполняющ исполняет исполнять обязанности контакт адресуйт адресов переслан перенаправ переадрес
        направля направьт помож помоч ответит временно_исп отвечает_за срочн неотложн экстренн и_о вопрос
        iletişim ulaş başvur =yazın yazabil yazınız =arayın arayabil arayınız yerime =yerimde vekal vekil vekâl
        yardımcı yönlendir irtibat temas iletebil iletiniz iletin ilgilen bakacak bakmakta
        =acil =ivedi görüşebil sorular konular
        хабарлас жазыңыз жаза_ал байланыс =орнымда =орныма =орнымды орнымды орынбас қоңырау алмастыр жүгін міндетімді
        міндетін жіберіңіз жолдаңыз көмектес ауыстыр атқарушы атқарады шұғыл жедел тығыз сұрақ мәселе
    """,
    "self": """
        reach_me contact_me call_me text_me write_me write_to_me email_me mail_me message_me reached_at reached_on
        reached_by reachable_at reachable_on reachable_by i_can_be my_mobile my_cell my_phone my_personal my_private
        my_number my_whatsapp my_telegram me_at me_on me_by me_via my_new my_address my_other =urgently_me ring_me
        со_мной мне_на мне_по мне_в пишите_мне звоните_мне звонить_мне мой_телефон мой_личн мой_номер мой_моб
        моему_тел моему_ном моему_личн мою_личн мой_адрес моей_личн =мне я_на_связи мой_новый позвонить_мне
        написать_мне буду_доступен_по
        =bana =benimle cep_telefonum telefonumdan numaramdan kişisel_adres adresimden kişisel_e şahsi_e =cepten
        =bana_ulaş
        =маған =менімен менің_телефон менің_нөмір телефоныма нөміріме жеке_поштама жеке_пошта поштама
    """,
    "phone": """
        =phone telephone =tel =mobile =cell =ext extension =fax =dial =call whatsapp
        тел телефон =моб =вн =доб факс звон
        telefon =dahili =cep =gsm =faks
        қоңырау =ішкі
    """,
    "closing": """
        best_regards kind_regards warm_regards =regards sincerely yours_sincerely best_wishes =cheers many_thanks_and
        с_уважен с_наилучш с_пожелан всего_добр
        saygılarım saygılar iyi_çalışma sevgiler iyi_günler_dil =saygıyla
        құрметпен ізгі_ниет сәлеммен
    """,
    "received": """
        received_your your_message_has your_email_has your_request_has ticket
        ваше_письмо_получ ваше_обращ получили_ваш номер_обращ заявк
        mesajınız_alın mesajınızı_ald talebiniz
        хатыңызды_ал хатыңыз_алын өтініміңіз
    """,
}


def _lexicon(meanings: Mapping[str, str]) -> Lexicon:
    # Little words are looked for beside dates and addresses alone, where `s` and `do` are Russian.
    return Lexicon(
        {name: [_stem(one) for one in stems.split()] for name, stems in meanings.items()}, shortest_in_latin=1
    )


def _stem(written: str) -> str:
    """Short words in a phrase are whole words: `me_at` begins no "meeting attended"."""
    *first, last = written.split("_")
    first = [word if len(word) > 3 or word.startswith("=") else f"={word}" for word in first]
    return " ".join([*first, f"={last}" if first and len(last) < 3 else last])


PLACED = _lexicon(_PLACED)
SAID = _lexicon(_SAID)


@lru_cache(maxsize=20_000)
def folded(word: str) -> str:
    """A word as the lexicons read it."""
    return fold(word)
